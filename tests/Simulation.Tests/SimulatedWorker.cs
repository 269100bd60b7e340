using MetaMap.Core.Parameters;
using MetaMap.Core.Tests.Training;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Runs;

namespace MetaMap.Simulation.Tests;

/// <summary>A worker node: asks for blocks, fetches parameters once, computes on its lanes, and holds gradients until they are judged.</summary>
/// <param name="world">Where it lives.</param>
/// <param name="number">From 1.</param>
internal sealed class SimulatedWorker(World world, int number) : SimulatedNode(world.Simulator, $"worker-{number}")
{
    private static readonly TimeSpan _requestInterval = TimeSpan.FromSeconds(2);

    private readonly int _lanes = 1 + world.Simulator.Below(3);
    private readonly Queue<(BlockLeased Lease, ParameterVector Parameters)> _posted = new();
    private readonly HashSet<LeaseKey> _open = [];
    private ParameterCache _parameters = new();
    private GradientShelf _gradients = null!;
    private int _busy;

    public WorkerId Id => new(Address);

    protected override void OnStart()
    {
        _parameters = new ParameterCache();
        _gradients = new GradientShelf(Blobs);
        _posted.Clear();
        _open.Clear();
        _busy = 0;
        Request();
    }

    public void Receive(BlockLeased lease)
    {
        _gradients.Reached(lease.RunId, lease.Iteration);
        if (!_open.Add(LeaseKey.Of(lease)))
        {
            return;
        }

        if (_parameters.Find(lease.Parameters) is { } parameters)
        {
            Post(lease, parameters);
        }
        else
        {
            _parameters.Await(lease);
            Fetch(world.Network, lease.Parameters, lease.ParametersHolder);
        }
    }

    public void Receive(BlockJudged judged) => _gradients.Judged(judged);

    private void Request()
    {
        WorkerId id = Id;
        world.SendToRun(this, coordinator => coordinator.Receive(new RequestBlocks(World.Run, id, _lanes, "direct")));
        After(_requestInterval, Request);
    }

    protected override void OnFetched(BlobId blob, ReadOnlyMemory<byte>? bytes, string? reason)
    {
        if (bytes is not { } here)
        {
            foreach (BlockLeased lease in _parameters.TakeWaiting(blob).Cast<BlockLeased>())
            {
                Return(lease, reason!);
            }

            return;
        }

        var parameters = ParameterVector.FromBytes(Invariants.Training.Layout, here.Span);
        _parameters.Add(blob, parameters);
        foreach (BlockLeased lease in _parameters.TakeWaiting(blob).Cast<BlockLeased>())
        {
            Post(lease, parameters);
        }
    }

    private void Return(BlockLeased lease, string reason)
    {
        _open.Remove(LeaseKey.Of(lease));
        BlockReturned returned = new(
            lease.RunId, lease.Iteration, lease.Block.Index, lease.Attempt, Id, $"the parameters could not be fetched: {reason}");
        world.SendToRun(this, coordinator => coordinator.Receive(returned));
    }

    private void Post(BlockLeased lease, ParameterVector parameters)
    {
        _posted.Enqueue((lease, parameters));
        Begin();
    }

    private void Begin()
    {
        if (_busy < _lanes && _posted.TryDequeue(out (BlockLeased Lease, ParameterVector Parameters) work))
        {
            _busy++;
            After(Simulator.Between(0.02, Simulator.Chance(0.1) ? 5 : 0.2), () =>
            {
                _busy--;
                Answer(work.Lease, FakeEpisodeLearner.Compute(work.Parameters, work.Lease.Block));
                Begin();
            });
        }
    }

    private void Answer(BlockLeased lease, BlockGradient result)
    {
        _open.Remove(LeaseKey.Of(lease));
        BlobId blob = Blobs.Put(result.GradientSum.Bytes.ToArray());
        BlockAdapted adapted = new(
            lease.RunId, lease.Iteration, lease.Block.Index, lease.Attempt, Id, lease.Parameters, Invariants.Training.Layout.Digest, result.Episodes, blob, Address);
        _gradients.Add(adapted);
        Invariants.Shelves(Address, _gradients.Count);
        world.SendToRun(this, coordinator => coordinator.Receive(adapted));
    }
}
