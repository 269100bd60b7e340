using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Workers;

/// <summary>
/// Knows the workers of this node and the open runs: accepts or refuses workers, tells them about runs, and tells runs
/// about workers that are gone.
/// </summary>
internal sealed class WorkforceActor : ReceiveActor
{
    private readonly WorkerBoard _board;
    private readonly IActorRef _runs;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<IActorRef, WorkerId> _workers = [];
    private readonly Dictionary<RunId, OpenRun> _openRuns = [];

    /// <summary>Creates the actor.</summary>
    /// <param name="board">Where it publishes.</param>
    /// <param name="runs">The shard region of runs.</param>
    public WorkforceActor(WorkerBoard board, IActorRef runs)
    {
        _board = board;
        _runs = runs;
        Receive<RegisterWorker>(Register);
        Receive<WorkerLeaving>(leaving => Lose(Sender, $"worker {leaving.WorkerId} leaves"));
        Receive<Terminated>(terminated => Lose(terminated.ActorRef, $"the node of {terminated.ActorRef.Path.Address} is gone"));
        Receive<ClusterEvent.UnreachableMember>(unreachable => Suspend(unreachable.Member.Address));
        Receive<ClusterEvent.ReachableMember>(reachable => Restore(reachable.Member.Address));
        Receive<ClusterEvent.CurrentClusterState>(_ => { });
        Receive<RunOpened>(opened =>
        {
            _openRuns[opened.RunId] = OpenRun.Of(opened, Sender);
            TellWorkers(opened);
            TellStaff();
        });
        Receive<RunClosed>(closed =>
        {
            Forget(closed.RunId);
            TellWorkers(closed);
        });
        Receive<RunLeft>(left => Forget(left.RunId));
        Receive<RunDeclined>(Decline);
        Receive<WorkerExcluded>(excluded => _board.Update(excluded.WorkerId, worker => worker with { Excluded = excluded }));
        Receive<LanesReported>(reported => _board.Update(reported.WorkerId, worker => worker with { Times = reported.Times, ProcessBytes = reported.ProcessBytes, DeviceBytes = reported.DeviceBytes }));
        Receive<BlockCounted>(counted => _board.Update(counted.WorkerId, worker => worker with
        {
            CountedBlocks = worker.CountedBlocks + 1,
            CountedEpisodes = worker.CountedEpisodes + counted.Episodes,
        }));
    }

    /// <inheritdoc />
    protected override void PreStart() => Cluster.Get(Context.System).Subscribe(
        Self, typeof(ClusterEvent.UnreachableMember), typeof(ClusterEvent.ReachableMember));

    /// <inheritdoc />
    protected override void PostStop() => Cluster.Get(Context.System).Unsubscribe(Self);

    private void Register(RegisterWorker register)
    {
        if (register.ProtocolVersion != ProtocolVersion.Current)
        {
            string reason = $"worker {register.WorkerId} (version {register.SoftwareVersion}) speaks protocol {register.ProtocolVersion}, "
                + $"this coordinator speaks {ProtocolVersion.Current}: build both from the same version";
            _log.Warning("refused: {Reason}", reason);
            Sender.Tell(new WorkerRefused(register.WorkerId, reason));
            return;
        }

        if (!IsMember(Sender))
        {
            // It still takes this node for the former coordinator at this address.
            Sender.Tell(new WorkerUnknown(register.WorkerId));
            return;
        }

        if (_workers.TryAdd(Sender, register.WorkerId))
        {
            Context.Watch(Sender);
            _log.Info("worker {WorkerId} joined, lanes: {Lanes} ({Device})", register.WorkerId, register.Lanes, register.Device);
            _board.Publish(new WorkerSnapshot(
                register.WorkerId, AddressOf(Sender).ToString(), register.SoftwareVersion, register.Lanes, register.Device, register.Kernels, 0, 0));
            TellStaff();
        }
        else
        {
            _board.Update(register.WorkerId, worker => worker with { Kernels = register.Kernels });
        }

        Sender.Tell(new WorkerRegistered(register.WorkerId));
        foreach (OpenRun run in _openRuns.Values)
        {
            Sender.Tell(run.Opened);
        }
    }

    private void Lose(IActorRef agent, string why)
    {
        if (_workers.Remove(agent, out WorkerId workerId))
        {
            Context.Unwatch(agent);
            // Of a node that ends, everybody else is gone.
            if (CoordinatedShutdown.Get(Context.System).ShutdownReason is null)
            {
                _log.Info("{Reason}; its blocks are leased again", why);
            }

            _board.Remove(workerId);
            TellRuns(workerId);
            foreach (RunId run in _openRuns.Keys)
            {
                _openRuns[run] = _openRuns[run].Without(workerId);
            }

            TellStaff();
        }
    }

    /// <summary>A worker takes no part in a run; it repeats that.</summary>
    private void Decline(RunDeclined declined)
    {
        if (_openRuns.TryGetValue(declined.RunId, out OpenRun? run) && _workers.ContainsValue(declined.WorkerId) && run.With(declined) is var next && next != run)
        {
            _log.Warning("worker {WorkerId} does not take part in run {RunId}: {Reason}", declined.WorkerId, declined.RunId, declined.Reason);
            _board.Update(declined.WorkerId, worker => worker with { Declined = declined });
            _openRuns[declined.RunId] = next;
            TellStaff();
        }
    }

    private void TellStaff()
    {
        HashSet<WorkerId> unreachable = [.. _board.Workers.Where(worker => worker.IsUnreachable).Select(worker => worker.WorkerId)];
        WorkerId[] reachable = [.. _workers.Values.Where(worker => !unreachable.Contains(worker))];
        foreach (RunId run in _openRuns.Keys)
        {
            (_openRuns[run], RunStaff? news) = _openRuns[run].Report(reachable);
            if (news is not null)
            {
                _openRuns[run].Trainer.Tell(news);
            }
        }
    }

    private void Suspend(Address address)
    {
        foreach ((IActorRef agent, WorkerId workerId) in _workers)
        {
            if (AddressOf(agent) == address)
            {
                _log.Warning("worker {WorkerId} cannot be reached; its blocks are leased again", workerId);
                _board.Update(workerId, worker => worker with { IsUnreachable = true });
                TellRuns(workerId);
            }
        }

        TellStaff();
    }

    private void Restore(Address address)
    {
        foreach ((IActorRef agent, WorkerId workerId) in _workers)
        {
            if (AddressOf(agent) == address)
            {
                _board.Update(workerId, worker => worker with { IsUnreachable = false });
            }
        }

        TellStaff();
    }

    private void TellWorkers(object message)
    {
        foreach (IActorRef agent in _workers.Keys)
        {
            agent.Tell(message);
        }
    }

    private void TellRuns(WorkerId workerId)
    {
        foreach (RunId runId in _openRuns.Keys)
        {
            _runs.Tell(new WorkerLost(runId, workerId));
        }
    }

    private void Forget(RunId runId)
    {
        _openRuns.Remove(runId);
        foreach (WorkerId workerId in _workers.Values)
        {
            _board.Update(workerId, worker => worker with
            {
                Declined = worker.Declined?.RunId == runId ? null : worker.Declined, Excluded = worker.Excluded?.RunId == runId ? null : worker.Excluded,
            });
        }
    }

    private static bool IsMember(IActorRef agent) => agent.Path.Address.HasLocalScope
        || Cluster.Get(Context.System).State.Members.Any(member => member.Address == agent.Path.Address);

    private static Address AddressOf(IActorRef agent) => agent.Path.Address.HasLocalScope
        ? Cluster.Get(Context.System).SelfAddress : agent.Path.Address;
}
