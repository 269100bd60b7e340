using System.Collections.Immutable;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Machine;

namespace MetaMap.Simulation.Tests;

/// <summary>What a coordinator's workforce does: welcomes workers, names the open runs to them, and tells runs of those that are gone.</summary>
/// <param name="node">The coordinator.</param>
internal sealed class SimulatedWorkforce(SimulatedCoordinator node)
{
    private readonly Dictionary<RunId, RunOpened> _open = [];
    private ImmutableSortedSet<NodeId> _workers = [];
    private ImmutableHashSet<NodeId> _suspended = [];

    private ClusterView View => node.Membership.View;

    /// <summary>A worker says something.</summary>
    public void Take(NodeId worker, IControlMessage message)
    {
        switch (message)
        {
            case RegisterWorker when View.Named(worker.Name) is null:
                Tell(worker, new WorkerInput.Unknown(node.Id.Address));
                break;
            case RegisterWorker:
                _workers = _workers.Add(worker);
                Tell(worker, new WorkerInput.Welcomed(node.Id.Address));
                foreach (RunOpened opened in _open.Values)
                {
                    Tell(worker, new WorkerInput.RunNamed(opened, node.Id.Address));
                }

                break;
            case WorkerLeaving:
                Lose(worker);
                break;
        }
    }

    /// <summary>The run on this node says something.</summary>
    public void Take(object message)
    {
        switch (message)
        {
            case RunOpened opened:
                _open[opened.RunId] = opened;
                TellAll(new WorkerInput.RunNamed(opened, node.Id.Address));
                break;
            case RunClosed closed:
                _open.Remove(closed.RunId);
                TellAll(new WorkerInput.RunOver(closed.RunId));
                break;
            case RunLeft left:
                _open.Remove(left.RunId);
                break;
        }
    }

    /// <summary>Looks whom the cluster has removed, and whom this node does not hear.</summary>
    public void Look()
    {
        foreach (NodeId worker in _workers.Where(worker => !View.Has(worker)))
        {
            Lose(worker);
        }

        ImmutableHashSet<NodeId> silent = [.. node.Membership.Silent.Where(_workers.Contains)];
        foreach (NodeId worker in silent.Except(_suspended).Order())
        {
            TellRuns(worker);
        }

        _suspended = silent;
    }

    private void Lose(NodeId worker)
    {
        if (_workers.Contains(worker))
        {
            _workers = _workers.Remove(worker);
            TellRuns(worker);
        }
    }

    private void TellRuns(NodeId worker)
    {
        foreach (RunId run in _open.Keys)
        {
            node.World.TellRun(node, new WorkerLost(run, new WorkerId(worker.ToString())));
        }
    }

    private void TellAll(WorkerInput input)
    {
        foreach (NodeId worker in _workers)
        {
            Tell(worker, input);
        }
    }

    private void Tell(NodeId to, WorkerInput input)
    {
        SimulatedWorker worker = (SimulatedWorker)node.World.NodeOf(to);
        node.World.Network.Send(node, worker, to.Life, () => worker.Take(input));
    }
}
