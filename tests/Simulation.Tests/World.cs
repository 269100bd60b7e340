using MetaMap.Shared.Messages;

namespace MetaMap.Simulation.Tests;

/// <summary>A simulated cluster in trouble: nodes crash, stand still and are cut off, and the run changes its owner, until all is healed.</summary>
internal sealed class World
{
    /// <summary>After all is healed, the run finishes within this simulated time.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(15);

    private readonly SimulationPlan _plan;
    private readonly SimulatedCoordinator[] _coordinators;
    private readonly SimulatedWorker[] _workers;

    public World(SimulationPlan plan, ISimulatedStore store)
    {
        _plan = plan;
        Simulator = new Simulator(plan.Seed);
        Network = new SimulatedNetwork(Simulator, plan);
        Store = new WatchedStore(store);
        _coordinators = [.. Enumerable.Range(1, plan.Coordinators).Select(number => new SimulatedCoordinator(this, number))];
        _workers = [.. Enumerable.Range(1, plan.Workers).Select(number => new SimulatedWorker(this, number))];
    }

    public static RunId Run { get; } = new(Invariants.Training.RunId);

    public Simulator Simulator { get; }

    public SimulatedNetwork Network { get; }

    public WatchedStore Store { get; }

    public Invariants Invariants { get; } = new();

    /// <summary>Nodes that crashed, stood still or were cut off, and changes of owner.</summary>
    public int Troubles { get; private set; }

    private IEnumerable<SimulatedNode> Nodes => _coordinators.Concat<SimulatedNode>(_workers);

    /// <summary>Simulates until the run is finished.</summary>
    /// <exception cref="InvariantException">A promise is broken.</exception>
    public void Live()
    {
        foreach (SimulatedNode node in Nodes)
        {
            Network.Add(node);
            node.Start();
        }

        Trouble();
        Supervise();
        Simulator.After(_plan.HealAfter, Heal);
        while (Store.Iteration < Invariants.Iterations)
        {
            Invariants.Check(
                Simulator.Step() && Simulator.Now < _plan.HealAfter + _patience,
                $"I6: iteration {Store.Iteration} of {Invariants.Iterations} at {Simulator.Now}, healed at {_plan.HealAfter}");
        }
    }

    /// <summary>A message to the run: to its owner, or to somebody who believes to be it.</summary>
    public void SendToRun(SimulatedNode from, Action<SimulatedCoordinator> receive)
    {
        SimulatedCoordinator[] owners = [.. _coordinators.Where(coordinator => coordinator.IsOwner).OrderByDescending(owner => owner.Epoch)];
        if (owners.Length > 0)
        {
            SimulatedCoordinator owner = Network.IsHealed || Simulator.Chance(0.8) ? owners[0] : owners[Simulator.Below(owners.Length)];
            Network.Send(from, owner.Address, node => receive((SimulatedCoordinator)node));
        }
    }

    /// <summary>The cluster sees to it that the run has an owner; it errs now and then, and two believe that they own it.</summary>
    private void Supervise() => Simulator.After(Simulator.Between(2, 5), () =>
    {
        SimulatedCoordinator[] able = [.. _coordinators.Where(coordinator => coordinator is { IsUp: true, IsPaused: false })];
        if (able.Length > 0 && (!able.Any(coordinator => coordinator.IsOwner) || (!Network.IsHealed && Simulator.Chance(0.1))))
        {
            able[Simulator.Below(able.Length)].Claim();
        }

        Supervise();
    });

    private void Trouble() => Simulator.After(Simulator.Between(0, 2 * _plan.TroubleSeconds), () =>
    {
        if (Network.IsHealed)
        {
            return;
        }

        Troubles++;
        SimulatedNode[] all = [.. Nodes];
        SimulatedNode node = all[Simulator.Below(all.Length)];
        switch (Simulator.Below(4))
        {
            case 0 or 1 when node.IsUp:
                Crash(node);
                break;
            case 2 when node is { IsUp: true, IsPaused: false }:
                TimeSpan pause = Simulator.Between(0.5, 40);
                node.Pause(pause);
                if (pause > TimeSpan.FromSeconds(10))
                {
                    Report(node, TimeSpan.FromSeconds(10)); // lost, although it comes back
                }

                break;
            case 3:
                Simulator.Note($"{node.Address} is cut off");
                node.CutUntil = Simulator.Now + Simulator.Between(1, 40);
                break;
        }

        Trouble();
    });

    private void Crash(SimulatedNode node)
    {
        Report(node, Simulator.Between(0.1, 8));
        node.Crash();
        Simulator.After(Simulator.Between(0.5, 20), () =>
        {
            if (!node.IsUp && !Network.IsHealed)
            {
                node.Start();
            }
        });
    }

    /// <summary>Coordinators hear that a worker is gone, as its deathwatch promises.</summary>
    private void Report(SimulatedNode node, TimeSpan delay)
    {
        if (node is SimulatedWorker worker)
        {
            WorkerId lost = worker.Id;
            foreach (SimulatedCoordinator coordinator in _coordinators)
            {
                coordinator.After(delay, () => coordinator.Lose(lost));
            }
        }
    }

    /// <summary>The network is whole; at least one worker and one coordinator live, perhaps no more.</summary>
    private void Heal()
    {
        Simulator.Note("all is healed");
        Network.IsHealed = true;
        foreach (SimulatedNode node in Nodes.Where(node => node.IsPaused))
        {
            node.Continue();
        }

        foreach (SimulatedNode[] kind in new SimulatedNode[][] { _coordinators, _workers })
        {
            SimulatedNode survivor = kind[Simulator.Below(kind.Length)];
            foreach (SimulatedNode node in kind.Where(node => node != survivor && node.IsUp && Simulator.Chance(0.5)))
            {
                Report(node, TimeSpan.FromSeconds(5));
                node.Crash();
            }

            if (!survivor.IsUp)
            {
                survivor.Start();
            }
        }
    }
}
