using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Simulation.Tests;

/// <summary>One transfer into a node: what a blob fetcher does with the pure pieces.</summary>
/// <param name="node">Who fetches.</param>
/// <param name="network">The way.</param>
/// <param name="blob">What is fetched.</param>
/// <param name="holder">The first holder.</param>
internal sealed class SimulatedFetch(SimulatedNode node, SimulatedNetwork network, BlobId blob, string holder)
{
    private static readonly BlobTransferOptions _options = BlobTransferOptions.Default;

    private BlobTransfer _transfer = new(blob, _options);

    public BlobId Blob => blob;

    public BlobSources Sources { get; } = new(holder);

    public void Start()
    {
        Carry(_transfer.Start(node.Simulator.Now));
        Tick();
    }

    private void Tick() => node.After(_options.AskAgainAfter / 4, () =>
    {
        if (node.IsFetching(this))
        {
            TransferStep step = _transfer.Expire(node.Simulator.Now);
            if (step is MoreRequests { ChunkIndices.Length: > 0 })
            {
                Sources.Rotate();
            }

            Carry(step);
            Tick();
        }
    });

    private void Carry(TransferStep step)
    {
        switch (step)
        {
            case MoreRequests more:
                foreach (int chunk in more.ChunkIndices)
                {
                    Ask(chunk, Sources.Current);
                }

                break;
            case TransferCompleted completed:
                node.Fetched(blob, completed.Bytes, null);
                break;
            case TransferDamaged damaged:
                Leave(damaged.Reason, () =>
                {
                    _transfer = new BlobTransfer(blob, _options);
                    return _transfer.Start(node.Simulator.Now);
                });
                break;
            case TransferFailed failed:
                node.Fetched(blob, null, failed.Reason);
                break;
        }
    }

    private void Ask(int chunk, string source) => network.Send(node, source, other =>
    {
        BlobChunk? answer = other.Blobs.TryGet(blob, out ReadOnlyMemory<byte> bytes)
            ? new BlobChunk(blob, chunk, bytes.Slice(BlobChunks.OffsetOf(chunk), BlobChunks.LengthOf(blob, chunk))) : null;
        network.Send(other, node.Address, _ => Answered(answer, source));
    });

    private void Answered(BlobChunk? chunk, string source)
    {
        if (!node.IsFetching(this))
        {
            return;
        }

        if (chunk is not null)
        {
            Carry(_transfer.Receive(chunk, node.Simulator.Now));
        }
        else if (source == Sources.Current)
        {
            Leave("the holder no longer has it", () => _transfer.Resume(node.Simulator.Now));
        }
    }

    private void Leave(string reason, Func<TransferStep> goOn)
    {
        if (Sources.TryLeave())
        {
            Carry(goOn());
        }
        else
        {
            node.Fetched(blob, null, reason);
        }
    }
}
