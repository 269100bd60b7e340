using Akka.Actor;
using MetaMap.Shared.Dispatchers;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>Fetcher to its parent: the blob has arrived. Local to this node.</summary>
/// <param name="Blob">Which buffer.</param>
/// <param name="Bytes">The whole buffer; its digest is verified.</param>
public sealed record BlobFetched(BlobId Blob, ReadOnlyMemory<byte> Bytes);

/// <summary>Fetcher to its parent: the blob could not be fetched. Local to this node.</summary>
/// <param name="Blob">Which buffer.</param>
/// <param name="Reason">A readable sentence.</param>
public sealed record BlobFetchFailed(BlobId Blob, string Reason);

/// <summary>To a fetcher: another node has the blob, too. Local to this node.</summary>
/// <param name="Holder">Path of its <see cref="BlobHolder"/>.</param>
internal sealed record HolderFound(string Holder);

/// <summary>
/// Fetches one blob from whichever holder has it, tells its parent <see cref="BlobFetched"/> or
/// <see cref="BlobFetchFailed"/>, and stops. <see cref="BlobTransfer"/> makes all decisions.
/// </summary>
internal sealed class BlobFetcher : ReceiveActor, IWithTimers
{
    private readonly BlobId _blob;
    private readonly TransferGate _gate;
    private readonly BlobTransfer _transfer;
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly long _startedAt;
    private readonly Address _self = ((ExtendedActorSystem)Context.System).Provider.DefaultAddress;
    private IDisposable? _turn;

    /// <summary>Creates the actor.</summary>
    /// <param name="blob">What to fetch.</param>
    /// <param name="holderPath">Path of a <see cref="BlobHolder"/>.</param>
    /// <param name="gate">Where it waits for its turn.</param>
    public BlobFetcher(BlobId blob, string holderPath, TransferGate gate)
    {
        (_blob, _gate) = (blob, gate);
        _transfer = new BlobTransfer(blob, holderPath);
        _startedAt = _clock.GetTimestamp();

        Receive<Begin>(_ =>
        {
            Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, BlobTransfer.AskAgainAfter / 4);
            Carry(_transfer.Start(Now));
        });
        Receive<HolderFound>(found => Carry(_transfer.AddHolder(found.Holder, Now)));
        Receive<BlobChunk>(chunk => Carry(_transfer.Receive(chunk, From, Now)));
        Receive<BlobUnavailable>(unavailable => unavailable.Blob == _blob, _ => Carry(_transfer.Unavailable(From, Now)));
        Receive<Tick>(_ => Carry(_transfer.Expire(Now)));
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => _clock.GetElapsedTime(_startedAt);

    private string From => Sender.Path.ToStringWithAddress(_self);

    /// <summary>How to start it, as a child of the actor that wants the blob.</summary>
    /// <param name="blob">What to fetch.</param>
    /// <param name="holderPath">Path of a <see cref="BlobHolder"/>.</param>
    /// <param name="gate">Where it waits for its turn.</param>
    public static Props Props(BlobId blob, string holderPath, TransferGate gate) =>
        // Not the lambda form, which compiles an expression for each argument: ten milliseconds per transfer.
        Akka.Actor.Props.Create<BlobFetcher>(blob, holderPath, gate)
            .WithDispatcher(BlobDispatcher.Name);

    /// <inheritdoc />
    protected override void PreStart()
    {
        IActorRef self = Self;
        _turn = _gate.Enter(Math.Max(0, _blob.LengthBytes), () => self.Tell(Begin.Instance));
    }

    /// <inheritdoc />
    protected override void PostStop() => _turn?.Dispose();

    private void Carry(TransferStep step)
    {
        switch (step)
        {
            case MoreRequests { ChunkIndices.IsEmpty: false } more:
                // Not an ActorSelection, which passes through the guardians of the holder's node, message by message.
                IActorRef holder = ((ExtendedActorSystem)Context.System).Provider.ResolveActorRef(_transfer.Holder);
                foreach (int chunkIndex in more.ChunkIndices)
                {
                    holder.Tell(new GetBlobChunk(_blob, chunkIndex));
                }

                break;
            case TransferCompleted completed:
                Context.Parent.Tell(new BlobFetched(_blob, completed.Bytes));
                Context.Stop(Self);
                break;
            case TransferFailed failed:
                Context.Parent.Tell(new BlobFetchFailed(_blob, $"fetching from {_transfer.Holder} failed: {failed.Reason}"));
                Context.Stop(Self);
                break;
        }
    }

    private sealed record Begin
    {
        public static readonly Begin Instance = new();
    }

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}
