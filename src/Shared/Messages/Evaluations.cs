using System.Collections.Immutable;
using MetaMap.Core.Training;

namespace MetaMap.Shared.Messages;

/// <summary>Client to run: let the workers evaluate the current model. Answered by <see cref="RunEvaluated"/> or <see cref="RunRefused"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Episodes">1 or more.</param>
/// <param name="InnerSteps">0 or more; -1: as many as the run's options say.</param>
/// <param name="Part"><c>test</c>, <c>validation</c> or <c>train</c>.</param>
public sealed record EvaluateRun(RunId RunId, int Episodes, int InnerSteps, string Part) : IRunMessage;

/// <summary>Run to client: the model has been evaluated. Half widths of 95% intervals are NaN for one episode.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">The evaluated version.</param>
/// <param name="ModelSha256">SHA-256 of its parameters.</param>
/// <param name="InnerSteps">Inner steps per episode.</param>
/// <param name="Episodes">Number of episodes.</param>
/// <param name="QueryLoss">Mean, transductive.</param>
/// <param name="QueryLossHalfWidth">Of it.</param>
/// <param name="Accuracy">Mean, transductive, 0 to 1.</param>
/// <param name="AccuracyHalfWidth">Of it.</param>
/// <param name="InductiveQueryLoss">Mean, inductive.</param>
/// <param name="InductiveQueryLossHalfWidth">Of it.</param>
/// <param name="InductiveAccuracy">Mean, inductive, 0 to 1.</param>
/// <param name="InductiveAccuracyHalfWidth">Of it.</param>
public sealed record RunEvaluated(
    RunId RunId, int Iteration, string ModelSha256, int InnerSteps, int Episodes, double QueryLoss, double QueryLossHalfWidth,
    double Accuracy, double AccuracyHalfWidth, double InductiveQueryLoss, double InductiveQueryLossHalfWidth,
    double InductiveAccuracy, double InductiveAccuracyHalfWidth) : IControlMessage;

/// <summary>Run to worker: measure the episodes of this block; no gradient.</summary>
/// <param name="RunId">The run.</param>
/// <param name="EvaluationId">The evaluation, from 1; unique within the run's trainer.</param>
/// <param name="Attempt">How many times the block has been leased in this evaluation, from 1.</param>
/// <param name="Block">Class and example indices.</param>
/// <param name="InnerSteps">0 or more.</param>
/// <param name="Parameters">The parameter version to adapt from.</param>
/// <param name="ParametersHolder">Actor path of the blob holder that serves it.</param>
public sealed record EvaluationLeased(
    RunId RunId, int EvaluationId, int Attempt, Core.Episodes.EpisodeBlock Block, int InnerSteps, BlobId Parameters, string ParametersHolder)
    : IBlockLease;

/// <summary>Worker to run: the measures of an evaluation block.</summary>
/// <param name="RunId">The run.</param>
/// <param name="EvaluationId">Of the lease.</param>
/// <param name="BlockIndex">Of the lease.</param>
/// <param name="Attempt">Of the lease.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Episodes">After the last inner step, one entry per episode, in order.</param>
public sealed record BlockEvaluated(
    RunId RunId, int EvaluationId, int BlockIndex, int Attempt, WorkerId WorkerId, ImmutableArray<StepEvaluation> Episodes) : IRunMessage
{
    /// <summary>Equal when every field and all episodes are equal.</summary>
    public bool Equals(BlockEvaluated? other) =>
        other is not null && RunId == other.RunId && EvaluationId == other.EvaluationId && BlockIndex == other.BlockIndex
        && Attempt == other.Attempt && WorkerId == other.WorkerId && Episodes.AsSpan().SequenceEqual(other.Episodes.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(RunId, EvaluationId, BlockIndex, Attempt, WorkerId);
}

/// <summary>Worker to run: an evaluation block could not be computed.</summary>
/// <param name="RunId">The run.</param>
/// <param name="EvaluationId">Of the lease.</param>
/// <param name="BlockIndex">Of the lease.</param>
/// <param name="Attempt">Of the lease.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Reason">One sentence for people.</param>
public sealed record EvaluationFailed(
    RunId RunId, int EvaluationId, int BlockIndex, int Attempt, WorkerId WorkerId, string Reason) : IRunMessage;
