using System.Collections.Immutable;
using Akka.Actor;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Workers;
using MetaMap.Core.Parameters;
using MetaMap.Core.Rounds;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>What a run says to workers and to the workforce: leases with the parameters that they start from, and verdicts.</summary>
public sealed class RunExchange
{
    private readonly RunId _runId;
    private readonly BlobStore _blobs;
    private readonly string _holder;
    private readonly ICanTell _workforce;
    private readonly IActorRef _self;
    private readonly RunJournal _journal;
    private readonly Dictionary<WorkerId, IActorRef> _workers = [];
    private BlobId? _parameters;

    /// <summary>Creates the exchange of a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="blobs">The node's buffers.</param>
    /// <param name="holder">Where workers fetch them.</param>
    /// <param name="workforce">Knows all workers.</param>
    /// <param name="self">The run's actor.</param>
    /// <param name="journal">Hears of every lease and verdict.</param>
    public RunExchange(RunId runId, BlobStore blobs, string holder, ICanTell workforce, IActorRef self, RunJournal journal)
    {
        (_runId, _blobs, _holder, _workforce, _self, _journal) = (runId, blobs, holder, workforce, self, journal);
    }

    /// <summary>Invites all workers.</summary>
    public void Open(RunOpened opened) => _workforce.Tell(opened, _self);

    /// <summary>Sends all workers away.</summary>
    public void Close() => _workforce.Tell(new RunClosed(_runId), _self);

    /// <summary>The run is trained elsewhere from now on: this node's workforce forgets it, and no worker hears of that.</summary>
    public void Leave() => _workforce.Tell(new RunLeft(_runId), _self);

    /// <summary>Learns (again) how to reach a worker.</summary>
    /// <returns>True when it was not known there.</returns>
    public bool Know(WorkerId worker, IActorRef agent)
    {
        bool isNew = !agent.Equals(_workers.GetValueOrDefault(worker));
        _workers[worker] = agent;
        return isNew;
    }

    /// <summary>A worker has left.</summary>
    public void Forget(WorkerId worker) => _workers.Remove(worker);

    /// <summary>Whose agent an actor is; null when it is nobody's any more.</summary>
    public WorkerId? WorkerOf(IActorRef agent) =>
        _workers.Where(known => known.Value.Equals(agent)).Select(known => (WorkerId?)known.Key).FirstOrDefault();

    /// <summary>Offers a new parameter version instead of the one before.</summary>
    public void Offer(ParameterVector parameters)
    {
        BlobId offered = _blobs.Put(parameters.Bytes.ToArray());
        Withdraw();
        _parameters = offered;
    }

    /// <summary>Offers no parameters any more.</summary>
    public void Withdraw()
    {
        if (_parameters is { } parameters)
        {
            _blobs.Release(parameters);
            _parameters = null;
        }
    }

    /// <summary>Leases blocks to the workers that wait.</summary>
    public RunProgress Assign(RunProgress progress, TimeSpan now)
    {
        (RunProgress next, ImmutableArray<BlockAssignment> assignments) = progress.Assign(now);
        foreach (BlockAssignment assignment in assignments)
        {
            _journal.Leased(next.Round.Iteration, assignment.Block.Index, assignment.Attempt, assignment.Worker);
            _workers[assignment.Worker].Tell(
                new BlockLeased(_runId, next.Round.Iteration, assignment.Attempt, assignment.Block, _parameters!.Value, _holder), _self);
        }

        return next;
    }

    /// <summary>Sends the leases of an evaluation.</summary>
    public void Lease(ImmutableArray<BlockAssignment> assignments, EvaluationProgress evaluation, BlobId parameters)
    {
        foreach (BlockAssignment assignment in assignments)
        {
            _workers[assignment.Worker].Tell(
                new EvaluationLeased(_runId, evaluation.Id, assignment.Attempt, assignment.Block, evaluation.InnerSteps, parameters, _holder), _self);
        }
    }

    /// <summary>Tells the workforce and the journal of workers that were excluded, and of results that count no longer.</summary>
    /// <param name="before">The round before.</param>
    /// <param name="after">The same round now.</param>
    /// <returns>The workers that are excluded since.</returns>
    public IReadOnlyList<WorkerId> Excluded(MetaRound before, MetaRound after)
    {
        WorkerId[] excluded = [.. after.ExcludedWorkers.Keys.Except(before.ExcludedWorkers.Keys).Select(worker => new WorkerId(worker))];
        if (excluded.Length > 0)
        {
            _journal.Dropped(before, after);
            foreach (WorkerId worker in excluded)
            {
                _workforce.Tell(new WorkerExcluded(_runId, worker, after.ExcludedWorkers[worker.Value]), _self);
            }
        }

        return excluded;
    }

    /// <summary>Tells a worker what became of its result, and the workforce if it counted.</summary>
    public void Reply(BlockAdapted result, string verdict, string? reason)
    {
        _journal.Judged(result, verdict, reason);
        if (verdict == nameof(BlockVerdict.Counted))
        {
            _workforce.Tell(new BlockCounted(result.WorkerId, result.Episodes.Length), _self);
        }

        if (_workers.TryGetValue(result.WorkerId, out IActorRef? worker))
        {
            worker.Tell(new BlockJudged(result.RunId, result.Iteration, result.BlockIndex, result.Gradient, verdict), _self);
        }
    }
}
