using System.Collections.Immutable;
using MetaMap.Core.Episodes;
using MetaMap.Core.Rounds;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// An evaluation on the cluster as an immutable value. Its blocks are leased, lost and leased again by the rules of a
/// training round; the round's iteration is the negative number of the evaluation, so that no lease is mistaken.
/// </summary>
/// <param name="Id">From 1.</param>
/// <param name="State">What is evaluated.</param>
/// <param name="Round">Who computes which block.</param>
/// <param name="InnerSteps">Per episode.</param>
/// <param name="Results">Measures by block.</param>
/// <param name="LastFailure">Why the newest failed block failed.</param>
public sealed record EvaluationProgress(
    int Id, MetaState State, MetaRound Round, int InnerSteps, ImmutableDictionary<int, ImmutableArray<StepEvaluation>> Results, string? LastFailure)
{
    /// <summary>True when every block is measured, or given up.</summary>
    public bool IsComplete => Round.IsComplete;

    /// <summary>True when a block failed on every worker.</summary>
    public bool IsFailed => Round.Blocks.Any(block => block.IsExcluded);

    /// <summary>All measures in the order of the episodes, once complete.</summary>
    public EpisodeEvaluation[] Episodes => [.. Enumerable.Range(0, Round.Blocks.Length)
        .SelectMany(block => Results[block]).Select(measure => new EpisodeEvaluation([measure]))];

    /// <summary>An evaluation that nobody has begun.</summary>
    public static EvaluationProgress Open(int id, MetaTraining training, MetaState state, ImmutableArray<EpisodeBlock> blocks, int innerSteps) => new(
        id, state, MetaRound.Open(training.RunId, -id, state.Parameters, blocks), innerSteps,
        ImmutableDictionary<int, ImmutableArray<StepEvaluation>>.Empty, null);

    /// <summary>The lease that a message of this evaluation answers.</summary>
    public static LeaseId LeaseOf(int evaluationId, int blockIndex, int attempt) => new(-evaluationId, blockIndex, attempt);

    /// <summary>Takes the measures of a block in; of a block that is measured already, or of other episodes, nothing changes.</summary>
    public EvaluationProgress Accept(BlockEvaluated result, TimeSpan now)
    {
        if (result.EvaluationId != Id || result.BlockIndex < 0 || result.BlockIndex >= Round.Blocks.Length
            || Round.Blocks[result.BlockIndex] is not { IsSettled: false } block || block.Block.Episodes.Length != result.Episodes.Length)
        {
            return this;
        }

        TimeSpan? leasedAt = block.Leases.FirstOrDefault(lease => lease.WorkerId == result.WorkerId.Value)?.LeasedAt;
        // The round only needs to know that there is a result; an evaluation has no gradient.
        BlockProgress settled = block with { Result = new BlockGradient(State.Parameters, []), Leases = [], ComputeTime = now - leasedAt };
        return this with
        {
            Round = Round with { Blocks = Round.Blocks.SetItem(result.BlockIndex, settled) },
            Results = Results.SetItem(result.BlockIndex, result.Episodes),
        };
    }

    /// <summary>A worker could not measure a block.</summary>
    public EvaluationProgress Fail(EvaluationFailed failed, IReadOnlyCollection<string> liveWorkers, LeasePolicy policy) => failed.EvaluationId != Id
        ? this
        : this with
        {
            Round = MetaRoundPolicy.Fail(Round, failed.BlockIndex, new BlockFailure(failed.Attempt, failed.WorkerId.Value, failed.Reason), liveWorkers, policy),
            LastFailure = $"evaluation block {failed.BlockIndex} failed on worker {failed.WorkerId}: {failed.Reason}",
        };

    /// <summary>A worker gives a block back: others may have it at once.</summary>
    public EvaluationProgress Return(BlockReturned returned) => returned.Iteration != -Id ? this : this with
    {
        Round = MetaRoundPolicy.SetAside(Round, returned.BlockIndex, returned.Attempt, returned.WorkerId.Value),
    };

    /// <summary>A worker has left: its leases are free.</summary>
    public EvaluationProgress Lose(WorkerId worker) => this with { Round = MetaRoundPolicy.Release(Round, worker.Value) };

    /// <summary>Takes back leases that are past their deadline.</summary>
    public EvaluationProgress Expire(TimeSpan now, LeasePolicy policy) => this with { Round = MetaRoundPolicy.Expire(Round, now, policy) };
}
