using System.Collections.Immutable;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Worker.Machine;

namespace MetaMap.Simulation.Tests;

/// <summary>A worker node: <see cref="WorkerMachine"/> decides, and what it says is done on the simulated network, clock and lanes.</summary>
/// <param name="world">Where it lives.</param>
/// <param name="number">From 1.</param>
internal sealed class SimulatedWorker(World world, int number) : SimulatedNode(world, $"worker-{number}")
{
    private readonly int _lanes = 1 + world.Simulator.Below(3);
    private readonly HashSet<int> _closed = [];

    /// <summary>What the worker knows in this life.</summary>
    public WorkerState State { get; private set; } = null!;

    protected override void OnStart()
    {
        _closed.Clear();
        State = WorkerState.Begin(
            new WorkerProfile(new WorkerId(Id.ToString()), _lanes, "1", "cpu", Id.ToString(), TimeSpan.FromSeconds(20)), Simulator.Now);
        Every(TimeSpan.FromSeconds(2), () => Take(new WorkerInput.Tick(Membership.IsMember)));
    }

    public override void OnView(ClusterView before, ClusterView after)
    {
        foreach (ClusterMember gone in before.Present.Where(member => member.IsCoordinator && !after.Has(member.Id)))
        {
            Take(new WorkerInput.NodeRemoved(gone.Id.Address));
        }

        foreach (ClusterMember up in after.Coordinators.Where(member => before.Find(member.Id) is not { Phase: MemberPhase.Up }))
        {
            Take(new WorkerInput.CoordinatorUp(up.Id.Address));
        }
    }

    public override void OnCutOff(NodeId by) => Take(new WorkerInput.CutOff(by.Address));

    protected override void OnFetched(BlobId blob, ReadOnlyMemory<byte>? bytes, string? reason) =>
        Take(bytes is { } here ? new WorkerInput.ParametersHere(blob, here) : new WorkerInput.ParametersMissed(blob, reason!));

    /// <summary>Something has happened to the worker.</summary>
    public void Take(WorkerInput input)
    {
        (State, ImmutableArray<WorkerEffect> effects) = WorkerMachine.Step(State, input, Simulator.Now);
        World.Promises.Holds(this);
        int life = Life;
        foreach (WorkerEffect effect in effects)
        {
            if (life == Life && IsUp)
            {
                Carry(effect);
            }
        }
    }

    public override string ToString() => $"{Id} sees {string.Join(", ", Membership.View.Present.Select(member => $"{member.Id} {member.Phase}"))}; "
        + $"registered with {string.Join(", ", State.Contact.Registered)}; runs {string.Join(", ", State.Runs.All.Select(run => $"{run.Number} {(run.IsOpen ? "open" : "opening")}"))}; "
        + $"{State.Desk.Held.Count} leases, {State.Shelf.Held.Count} gradients";

    private void Carry(WorkerEffect effect)
    {
        switch (effect)
        {
            case WorkerEffect.TellRun tell: World.TellRun(this, tell.Message); break;
            case WorkerEffect.TellWorkforce tell: TellWorkforce(tell); break;
            case WorkerEffect.OpenRun open:
                After(Simulator.Between(0.01, 1), () => Take(new WorkerInput.RunReady(open.Number, World.Promises.Training.Layout, "direct")));
                break;
            case WorkerEffect.CloseRun close: _closed.Add(close.Number); break;
            case WorkerEffect.Fetch fetch: Fetch(fetch.Version, fetch.Holder); break;
            case WorkerEffect.Compute compute: Compute(compute); break;
            case WorkerEffect.Release release: Blobs.Release(release.Gradient); break;
            case WorkerEffect.StartGrace grace: After(grace.Grace, () => Take(new WorkerInput.GraceOver())); break;
            case WorkerEffect.Drained:
                Membership.Leave();
                break;
            case WorkerEffect.JoinAnew anew: JoinAnew(anew.Reason, null); break;
        }
    }

    private void TellWorkforce(WorkerEffect.TellWorkforce tell)
    {
        SimulatedCoordinator coordinator = World.Coordinators.Single(node => node.Id.Name == tell.Coordinator.Host);
        (NodeId self, IControlMessage message) = (Id, tell.Message);
        World.Network.Send(this, coordinator, coordinator.Life, () => coordinator.Workforce.Take(self, message));
    }

    /// <summary>A lane computes a block. Now and then one fails, though never as often as would make it the block's own fault.</summary>
    private void Compute(WorkerEffect.Compute compute) => After(Simulator.Between(0.1, Simulator.Chance(0.1) ? 8 : 1), () =>
    {
        LeaseId lease = compute.Lease.Lease;
        BlockOutcome outcome = _closed.Contains(compute.Number) ? new BlockOutcome.Cancelled()
            : World.MayFail(lease) ? new BlockOutcome.Failed("it was to fail")
            : lease.Round.Kind == RoundKind.Evaluation ? new BlockOutcome.Measured([.. compute.Lease.Episodes.Select(episode => Measure(compute, episode))])
            : Adapt(compute);
        Take(new WorkerInput.LaneEnded(compute.Lane, lease, outcome));
    });

    private BlockOutcome.Adapted Adapt(WorkerEffect.Compute compute)
    {
        BlockGradient result = FakeEpisodeLearner.Compute(compute.Parameters, compute.Lease.Block);
        return new BlockOutcome.Adapted(result.Episodes, Blobs.Put(result.GradientSum.Bytes.ToArray()));
    }

    private static EvaluatedEpisode Measure(WorkerEffect.Compute compute, Episode episode) =>
        new(FakeEpisodeLearner.Measure(compute.Parameters, episode, compute.Lease.InnerSteps).Last, []);
}
