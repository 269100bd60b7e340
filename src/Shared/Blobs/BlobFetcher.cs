using Akka.Actor;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>Fetcher to its parent: the blob is here. Stays on this node.</summary>
/// <param name="Blob">Which buffer.</param>
/// <param name="Bytes">All of it; its digest is verified.</param>
public sealed record BlobFetched(BlobId Blob, ReadOnlyMemory<byte> Bytes);

/// <summary>Fetcher to its parent: the blob could not be had. Stays on this node.</summary>
/// <param name="Blob">Which buffer.</param>
/// <param name="Reason">One sentence for people.</param>
public sealed record BlobFetchFailed(BlobId Blob, string Reason);

/// <summary>To a fetcher: this holder has the blob, too.</summary>
/// <param name="Path">Path of a <see cref="BlobHolder"/>.</param>
internal sealed record AnotherHolder(string Path);

/// <summary>
/// Fetches one blob, tells its parent <see cref="BlobFetched"/> or <see cref="BlobFetchFailed"/>, and stops. A transfer
/// whose holder falls silent or no longer has the blob keeps its chunks and goes on with the next holder. Decisions are
/// <see cref="BlobTransfer"/>'s and <see cref="BlobSources"/>'.
/// </summary>
public sealed class BlobFetcher : ReceiveActor, IWithTimers
{
    private readonly BlobId _blob;
    private readonly BlobTransferOptions _options;
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly long _startedAt;
    private readonly BlobSources _sources;
    private BlobTransfer _transfer;
    private bool _isMixed;
    private bool _mayMix = true;

    /// <summary>Creates the actor.</summary>
    /// <param name="blob">What to fetch.</param>
    /// <param name="holderPath">Path of a <see cref="BlobHolder"/>.</param>
    /// <param name="options">Limits and waiting times.</param>
    public BlobFetcher(BlobId blob, string holderPath, BlobTransferOptions options)
    {
        _blob = blob;
        _options = options;
        _transfer = new BlobTransfer(blob, options);
        _sources = new BlobSources(holderPath);
        _startedAt = _clock.GetTimestamp();

        Receive<BlobChunk>(chunk => Carry(_transfer.Receive(chunk, Now)));
        Receive<AnotherHolder>(another => _sources.Add(another.Path));
        Receive<BlobUnavailable>(
            unavailable => unavailable.Blob == _blob && IsFrom(_sources.Current),
            _ =>
            {
                _isMixed = true;
                Leave("the holder no longer has it", () => _transfer.Resume(Now));
            });
        Receive<Tick>(_ =>
        {
            TransferStep step = _transfer.Expire(Now);
            if (step is MoreRequests { ChunkIndices.Length: > 0 } && _mayMix)
            {
                // What is overdue may be so because its holder is gone.
                _isMixed |= _sources.Rotate();
            }

            Carry(step);
        });
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => _clock.GetElapsedTime(_startedAt);

    /// <summary>How to start it, as a child of the actor that wants the blob.</summary>
    /// <param name="blob">What to fetch.</param>
    /// <param name="holderPath">Path of a <see cref="BlobHolder"/>.</param>
    /// <param name="options">Limits and waiting times; <see cref="BlobTransferOptions.Default"/> if none.</param>
    public static Props Props(BlobId blob, string holderPath, BlobTransferOptions? options = null) =>
        // Not the lambda form: that compiles an expression for each argument, ten milliseconds for each transfer.
        Akka.Actor.Props.Create<BlobFetcher>(blob, holderPath, options ?? BlobTransferOptions.Default);

    /// <inheritdoc />
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, _options.AskAgainAfter / 4);
        Carry(_transfer.Start(Now));
    }

    private void Carry(TransferStep step)
    {
        switch (step)
        {
            case MoreRequests more:
                ActorSelection holder = Context.ActorSelection(_sources.Current);
                foreach (int chunkIndex in more.ChunkIndices)
                {
                    holder.Tell(new GetBlobChunk(_blob, chunkIndex));
                }

                break;
            case TransferCompleted completed:
                Context.Parent.Tell(new BlobFetched(_blob, completed.Bytes));
                Context.Stop(Self);
                break;
            case TransferDamaged when _isMixed:
                // Nobody knows whose chunks were wrong: from now on all of them from one holder.
                (_isMixed, _mayMix) = (false, false);
                Carry(Restart());
                break;
            case TransferFailed failed when failed is TransferDamaged || !_mayMix:
                Leave(failed.Reason, Restart);
                break;
            case TransferFailed failed:
                Fail(failed.Reason);
                break;
        }
    }

    private TransferStep Restart()
    {
        _transfer = new BlobTransfer(_blob, _options);
        return _transfer.Start(Now);
    }

    private void Leave(string reason, Func<TransferStep> goOn)
    {
        string left = _sources.Current;
        if (_sources.TryLeave())
        {
            Carry(goOn());
        }
        else
        {
            Fail(reason, left);
        }
    }

    private void Fail(string reason, string? holder = null)
    {
        Context.Parent.Tell(new BlobFetchFailed(_blob, $"fetching from {holder ?? _sources.Current} failed: {reason}"));
        Context.Stop(Self);
    }

    private bool IsFrom(string holder) => Place(Sender.Path) == Place(ActorPath.Parse(holder));

    private static string Place(ActorPath path)
    {
        Address own = ((ExtendedActorSystem)Context.System).Provider.DefaultAddress;
        return path.Address.HasLocalScope || path.Address == own ? path.ToStringWithoutAddress() : path.ToStringWithAddress();
    }

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}
