using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Simulation.Tests;

/// <summary>One transfer into a node: what a blob fetcher does with the pure <see cref="BlobTransfer"/>.</summary>
/// <param name="node">Who fetches.</param>
/// <param name="blob">What is fetched.</param>
/// <param name="holder">The first holder, e.g. <c>worker-1#3</c>.</param>
internal sealed class SimulatedFetch(SimulatedNode node, BlobId blob, string holder)
{

    private readonly BlobTransfer _transfer = new(blob, holder);

    public BlobId Blob => blob;

    public void Start()
    {
        Carry(_transfer.Start(node.Simulator.Now));
        Tick();
    }

    public void AddHolder(string another) => Carry(_transfer.AddHolder(another, node.Simulator.Now));

    private void Tick() => node.After(BlobTransfer.AskAgainAfter / 4, () =>
    {
        if (node.IsFetching(this))
        {
            Carry(_transfer.Expire(node.Simulator.Now));
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
                    Ask(chunk, _transfer.Holder);
                }

                break;
            case TransferCompleted completed:
                node.Fetched(blob, completed.Bytes, null);
                break;
            case TransferFailed failed:
                node.Fetched(blob, null, failed.Reason);
                break;
        }
    }

    private void Ask(int chunk, string source)
    {
        NodeId from = NodeId.Parse(source);
        SimulatedNode other = node.World.NodeOf(from);
        int life = node.Life;
        node.World.Network.Send(node, other, from.Life, () =>
        {
            BlobChunk? answer = other.Blobs.TryGet(blob, out ReadOnlyMemory<byte> bytes)
                ? new BlobChunk(blob, chunk, bytes.Slice(BlobChunks.OffsetOf(chunk), BlobChunks.LengthOf(blob, chunk))) : null;
            node.World.Network.Send(other, node, life, () => Answered(answer, source));
        });
    }

    private void Answered(BlobChunk? chunk, string source)
    {
        if (node.IsFetching(this))
        {
            Carry(chunk is null ? _transfer.Unavailable(source, node.Simulator.Now) : _transfer.Receive(chunk, source, node.Simulator.Now));
        }
    }
}
