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

/// <summary>
/// Fetches one blob from one holder, tells its parent <see cref="BlobFetched"/> or <see cref="BlobFetchFailed"/>, and
/// stops. All decisions are <see cref="BlobTransfer"/>'s.
/// </summary>
public sealed class BlobFetcher : ReceiveActor, IWithTimers
{
    private readonly BlobId _blob;
    private readonly string _holderPath;
    private readonly BlobTransferOptions _options;
    private readonly BlobTransfer _transfer;
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly long _startedAt;
    private readonly ActorSelection _holder;

    /// <summary>Creates the actor.</summary>
    /// <param name="blob">What to fetch.</param>
    /// <param name="holderPath">Path of a <see cref="BlobHolder"/>.</param>
    /// <param name="options">Limits and waiting times.</param>
    public BlobFetcher(BlobId blob, string holderPath, BlobTransferOptions options)
    {
        _blob = blob;
        _holderPath = holderPath;
        _options = options;
        _transfer = new BlobTransfer(blob, options);
        _startedAt = _clock.GetTimestamp();
        _holder = Context.ActorSelection(holderPath);

        Receive<BlobChunk>(chunk => Carry(_transfer.Receive(chunk, Now)));
        Receive<BlobUnavailable>(unavailable => unavailable.Blob == _blob, _ => Carry(new TransferFailed("the holder no longer has it")));
        Receive<Tick>(_ => Carry(_transfer.Expire(Now)));
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
                foreach (int chunkIndex in more.ChunkIndices)
                {
                    _holder.Tell(new GetBlobChunk(_blob, chunkIndex));
                }

                break;
            case TransferCompleted completed:
                Context.Parent.Tell(new BlobFetched(_blob, completed.Bytes));
                Context.Stop(Self);
                break;
            case TransferFailed failed:
                Context.Parent.Tell(new BlobFetchFailed(_blob, $"fetching from {_holderPath} failed: {failed.Reason}"));
                Context.Stop(Self);
                break;
        }
    }

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}
