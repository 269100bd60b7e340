using System.Collections.Immutable;
using MetaMap.Core.Episodes;
using MetaMap.Core.Rounds;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// A run in training as an immutable value: the committed state, the open round, who may work, and what became of
/// results. Every decision of the run entity is a function of it; the entity only receives and tells.
/// </summary>
/// <param name="Training">The mathematics of the run.</param>
/// <param name="State">Newest committed state.</param>
/// <param name="Round">The open round; of the last iteration, and complete, when the run is finished.</param>
/// <param name="Lanes">Free and busy lanes of the workers.</param>
/// <param name="Results">Block results by verdict.</param>
/// <param name="LastRefusal">Why the newest refused result was refused.</param>
/// <param name="Policy">When blocks are leased again.</param>
public sealed record RunProgress(
    MetaTraining Training, MetaState State, MetaRound Round, LaneLedger Lanes,
    ImmutableSortedDictionary<string, long> Results, string? LastRefusal, LeasePolicy Policy)
{
    /// <summary>True when all iterations are committed.</summary>
    public bool IsFinished => Training.IsFinished(State);

    /// <summary>A run that goes on from a state, without workers yet.</summary>
    public static RunProgress From(MetaTraining training, MetaState state, LeasePolicy policy) => new(
        training, state, training.OpenRound(state), LaneLedger.Empty, ImmutableSortedDictionary<string, long>.Empty, null, policy);

    /// <summary>Leases blocks to waiting workers, one each in turn, until lanes or blocks run out.</summary>
    public (RunProgress Next, ImmutableArray<BlockAssignment> Assignments) Assign(TimeSpan now)
    {
        var assignments = ImmutableArray.CreateBuilder<BlockAssignment>();
        RunProgress next = this;
        var refused = new HashSet<WorkerId>();
        while (next.Lanes.Waiting.FirstOrDefault(worker => !refused.Contains(worker)) is { Value: not null } worker)
        {
            (MetaRound round, BlockProgress? leased) = MetaRoundPolicy.Lease(next.Round, worker.Value, now, Policy);
            if (leased is null)
            {
                refused.Add(worker);
                continue;
            }

            next = next with { Round = round, Lanes = next.Lanes.Begin(worker) };
            assignments.Add(new BlockAssignment(worker, leased.Block, leased.Attempts));
        }

        return (next, assignments.ToImmutable());
    }

    /// <summary>A worker has answered a lease, with whatever result: its lane is free.</summary>
    public RunProgress FreeLane(WorkerId worker) => this with { Lanes = Lanes.End(worker) };

    /// <summary>Judges a result before its gradient is fetched; a refusal is counted.</summary>
    public (RunProgress Next, Judgement Judgement) Judge(BlockResultHeader header)
    {
        Judgement judgement = MetaRoundPolicy.Judge(Round, header);
        return (judgement.Verdict == BlockVerdict.Counted ? this : Count(judgement), judgement);
    }

    /// <summary>Counts or refuses a result with its gradient.</summary>
    public (RunProgress Next, Judgement Judgement) Accept(BlockResultHeader header, BlockGradient result, TimeSpan now)
    {
        (MetaRound round, Judgement judgement) = MetaRoundPolicy.Accept(Round, header, result, now, Policy);
        return ((this with { Round = round }).Count(judgement), judgement);
    }

    /// <summary>Refuses a result whose gradient could not be fetched or read; its block is free again.</summary>
    public RunProgress Fail(int iteration, int blockIndex, WorkerId worker, string reason)
    {
        RunProgress counted = this with { Results = Increment("Failed"), LastRefusal = reason };
        return iteration == Round.Iteration
            ? counted with { Round = MetaRoundPolicy.Fail(Round, blockIndex, worker.Value, Policy) }
            : counted;
    }

    /// <summary>A worker has left: its leases and lanes are gone.</summary>
    public RunProgress Lose(WorkerId worker) =>
        this with { Round = MetaRoundPolicy.Release(Round, worker.Value), Lanes = Lanes.Remove(worker) };

    /// <summary>Takes back leases that are past their deadline; their lanes count as free.</summary>
    public RunProgress Expire(TimeSpan now)
    {
        LaneLedger lanes = Round.Blocks
            .SelectMany(block => block.Leases)
            .Where(lease => now - lease.LeasedAt >= Policy.Deadline)
            .Aggregate(Lanes, (ledger, lease) => ledger.End(new WorkerId(lease.WorkerId)));
        return this with { Round = MetaRoundPolicy.Expire(Round, now, Policy), Lanes = lanes };
    }

    /// <summary>Commits the complete round and opens the next, if there is one.</summary>
    /// <exception cref="DivergedException">Training cannot go on.</exception>
    public (RunProgress Next, IterationMetrics Metrics) Commit()
    {
        (MetaState state, IterationMetrics metrics) = Training.Commit(State, Round);
        return (this with { State = state, Round = Training.IsFinished(state) ? Round : Training.OpenRound(state) }, metrics);
    }

    private RunProgress Count(Judgement judgement) => this with
    {
        Results = Increment(judgement.Verdict.ToString()),
        LastRefusal = judgement.Verdict == BlockVerdict.Counted ? LastRefusal : judgement.Reason,
    };

    private ImmutableSortedDictionary<string, long> Increment(string verdict) =>
        Results.SetItem(verdict, Results.GetValueOrDefault(verdict) + 1);
}

/// <summary>A block for a worker.</summary>
/// <param name="Worker">Who computes it.</param>
/// <param name="Block">The episodes.</param>
/// <param name="Attempt">How often the block has been leased in this iteration, from 1.</param>
public sealed record BlockAssignment(WorkerId Worker, EpisodeBlock Block, int Attempt);
