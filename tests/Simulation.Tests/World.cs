using System.Collections.Immutable;
using MetaMap.Data;
using MetaMap.Shared.Messages;

namespace MetaMap.Simulation.Tests;

/// <summary>
/// A simulated cluster in trouble: nodes crash, stand still, are cut off, leave and come back, clusters fall apart and become one
/// again, the run moves, the store fails, until all is healed.
/// </summary>
internal sealed class World
{
    /// <summary>After all is healed, the run finishes within this simulated time.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(15);

    /// <summary>What clients have evaluated: test episodes, and inner steps.</summary>
    public const int EvaluatedEpisodes = 4, EvaluatedSteps = 2;

    private readonly Dictionary<LeaseId, int> _failures = [];
    private long _clients;

    public World(SimulationPlan plan)
    {
        Plan = plan;
        Simulator = new Simulator(plan.Seed);
        Network = new SimulatedNetwork(Simulator, plan);
        Store = new SimulatedStore(this);
        Promises = new Promises(this);
        Coordinators = [.. Enumerable.Range(1, plan.Coordinators).Select(number => new SimulatedCoordinator(this, number))];
        Workers = [.. Enumerable.Range(1, plan.Workers).Select(number => new SimulatedWorker(this, number))];
        Seeds = [.. Coordinators.Select(coordinator => $"{coordinator.Id.Name}:4053")];
    }

    public SimulationPlan Plan { get; }

    public Simulator Simulator { get; }

    public SimulatedNetwork Network { get; }

    public SimulatedStore Store { get; }

    public Promises Promises { get; }

    public ImmutableArray<SimulatedCoordinator> Coordinators { get; }

    public ImmutableArray<SimulatedWorker> Workers { get; }

    public ImmutableArray<string> Seeds { get; }

    public RunId RunId => new(Promises.Training.RunId);

    /// <summary>Nodes that crashed, stood still, were cut off or left, partitions, and times without a store.</summary>
    public int Troubles { get; private set; }

    /// <summary>Decisions to remove members.</summary>
    public int Downings { get; set; }

    /// <summary>Coordinators that gave their cluster up for another.</summary>
    public int Merges { get; set; }

    /// <summary>Moves of the run from a node that lives.</summary>
    public int Moves { get; set; }

    /// <summary>Owners that learnt that another one had taken the run over.</summary>
    public int TookOver { get; set; }

    private ImmutableArray<SimulatedNode> Nodes => [.. Coordinators, .. Workers];

    public SimulatedNode NodeOf(NodeId id) => Nodes.First(node => node.Id.Name == id.Name);

    public long NextClient() => ++_clients;

    /// <summary>Where the cluster has the run, in the eyes of a member; null while no coordinator is up.</summary>
    public NodeId? HomeOf(ClusterView view)
    {
        ImmutableArray<ClusterMember> coordinators = view.Coordinators;
        return coordinators.IsEmpty ? null : coordinators[(int)((ulong)Plan.Seed % (ulong)coordinators.Length)].Id;
    }

    /// <summary>A message to the run, wherever the sender believes it to be.</summary>
    public void TellRun(SimulatedNode from, IRunMessage message)
    {
        if (HomeOf(from.Membership.View) is { } home)
        {
            SimulatedCoordinator coordinator = (SimulatedCoordinator)NodeOf(home);
            Network.Send(from, coordinator, home.Life, () => coordinator.Receive(message));
        }
    }

    /// <summary>Whether a block may fail this time: at most twice on its way, which is less than would be held against it.</summary>
    public bool MayFail(LeaseId lease)
    {
        LeaseId block = lease with { Attempt = 0 };
        if (!Simulator.Chance(0.03) || _failures.GetValueOrDefault(block) >= 2)
        {
            return false;
        }

        _failures[block] = _failures.GetValueOrDefault(block) + 1;
        return true;
    }

    /// <summary>Simulates until the run is finished, and everybody has forgotten it.</summary>
    /// <exception cref="BrokenPromiseException">A promise is broken.</exception>
    public void Live()
    {
        foreach (SimulatedNode node in Nodes)
        {
            Simulator.After(Simulator.Between(0, 3), () => node.Start());
        }

        Trouble();
        AskForEvaluations();
        Simulator.After(Plan.HealAfter, Heal);
        while (!Store.IsFinished)
        {
            Promises.Check(
                Simulator.Step() && Simulator.Now < Plan.HealAfter + _patience,
                $"I6: iteration {Store.Iteration} of {Promises.Iterations} at {Simulator.Now}, healed at {Plan.HealAfter}\n{string.Join('\n', Nodes.Where(node => node.IsUp))}");
        }

        Heal();
        TimeSpan end = Simulator.Now + TimeSpan.FromMinutes(3);
        while (Nodes.Select(Promises.Held).FirstOrDefault(held => held is not null) is { } held)
        {
            Promises.Check(Simulator.Now < end, $"I7: {held} after the run");
            for (TimeSpan next = Simulator.Now + TimeSpan.FromSeconds(1); Simulator.Now < next;)
            {
                Simulator.Step();
            }
        }
    }

    private void AskForEvaluations() => Simulator.After(Simulator.Between(1, 20), () =>
    {
        if (Plan.IsEvaluated && Coordinators.FirstOrDefault(coordinator => coordinator.IsUp) is { } asked)
        {
            TellRun(asked, new EvaluateRun(RunId, EvaluatedEpisodes, EvaluatedSteps, SplitPart.Test));
            AskForEvaluations();
        }
    });

    private void Trouble() => Simulator.After(Simulator.Between(0, 2 * Plan.TroubleSeconds), () =>
    {
        if (Network.IsHealed)
        {
            return;
        }

        Troubles++;
        ImmutableArray<SimulatedNode> all = Nodes;
        SimulatedNode node = all[Simulator.Below(all.Length)];
        switch (Simulator.Below(10))
        {
            case 0 or 1 when node.IsUp:
                node.Crash();
                Simulator.After(Simulator.Between(0.5, 20), () => Revive(node));
                break;
            case 2 when node is { IsUp: true, IsPaused: false }:
                node.Pause(Simulator.Between(0.5, 40));
                break;
            case 3:
                Simulator.Note($"{node.Id} is cut off");
                node.CutUntil = Simulator.Now + Simulator.Between(1, 40);
                break;
            case 4 or 8:
                Part();
                break;
            case 5 when node is { IsUp: true, IsPaused: false }:
                Simulator.Note($"{node.Id} is told to end");
                LetLeave(node);
                break;
            case 6:
                Simulator.Note($"the store is broken{(node.IsCoordinator ? $" for {node.Id}" : "")}");
                Store.Break(node.IsCoordinator ? node : null, Simulator.Between(1, 25));
                break;
            case 7 or 9:
                Simulator.Note("the store takes the owner for dead");
                Store.ForgetOwner();
                Coordinators[Simulator.Below(Coordinators.Length)].TakeUpAnyhow();
                break;
        }

        Trouble();
    });

    private static void LetLeave(SimulatedNode node)
    {
        if (node is SimulatedCoordinator coordinator)
        {
            coordinator.Leave();
        }
        else
        {
            ((SimulatedWorker)node).Take(new Worker.Machine.WorkerInput.Drain());
        }
    }

    private void Part()
    {
        HashSet<SimulatedNode> side = [.. Nodes.Where(_ => Simulator.Chance(0.5))];
        Simulator.Note($"{string.Join(", ", side.Select(one => one.Id))} are apart from the others");
        Network.Part(side, Simulator.Between(1, 60));
    }

    private void Revive(SimulatedNode node)
    {
        if (!node.IsUp && !Network.IsHealed)
        {
            node.Start();
        }
    }

    /// <summary>The network is whole; at least one worker and one coordinator live, perhaps no more.</summary>
    private void Heal()
    {
        if (Network.IsHealed)
        {
            return;
        }

        Simulator.Note("all is healed");
        Network.IsHealed = true;
        foreach (SimulatedNode node in Nodes.Where(node => node.IsPaused))
        {
            node.Continue();
        }

        foreach (ImmutableArray<SimulatedNode> kind in new[] { ImmutableArray<SimulatedNode>.CastUp(Coordinators), ImmutableArray<SimulatedNode>.CastUp(Workers) })
        {
            SimulatedNode survivor = kind[Simulator.Below(kind.Length)];
            foreach (SimulatedNode node in kind.Where(node => node != survivor && node.IsUp && Simulator.Chance(0.5)))
            {
                node.Crash();
            }

            if (!survivor.IsUp)
            {
                survivor.Start();
            }
        }
    }
}
