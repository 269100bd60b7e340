using System.Collections.Immutable;
using MetaMap.Core.Parameters;

namespace MetaMap.Training.Episodes;

/// <summary>
/// One lane of computation: adapts to episodes and differentiates their query losses. Not safe for concurrent use;
/// each lane has its own. The same inputs give the same bits on every lane, thread and process with the same kind of processor.
/// </summary>
public interface IEpisodeLearner : IDisposable
{
    /// <summary>Runs inner and outer differentiation for each episode of a block and sums the meta-gradients in episode order.</summary>
    /// <param name="metaParameters">Theta.</param>
    /// <param name="iteration">The meta-iteration, from 1; for algorithms with a schedule.</param>
    /// <param name="block">The episodes.</param>
    /// <param name="cancellation">Checked between episodes.</param>
    BlockGradient ComputeBlock(ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation);

    /// <summary>Adapts to the support set and measures the query set; no meta-gradient.</summary>
    /// <param name="metaParameters">Theta.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="innerSteps">Inner steps, 0 or more.</param>
    /// <param name="everyStep">Measure after every inner step instead of after the last.</param>
    EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep = false);
}

/// <summary>Measures of one training episode on its query set.</summary>
/// <param name="QueryLoss">Mean loss over the query set after adaptation.</param>
/// <param name="QueryAccuracyFraction">Share of query examples labelled correctly, 0 to 1 (transductive batch statistics); 0 for regression.</param>
public readonly record struct EpisodeMetrics(float QueryLoss, float QueryAccuracyFraction);

/// <summary>The result of one block.</summary>
/// <param name="GradientSum">Sum over the block's episodes of the direction that the outer loop descends along, added in episode order.</param>
/// <param name="Episodes">One entry per episode, in order.</param>
public sealed record BlockGradient(ParameterVector GradientSum, ImmutableArray<EpisodeMetrics> Episodes);

/// <summary>Measures of one evaluation episode.</summary>
/// <param name="Steps">After 0, 1, … inner steps when every step was asked for, otherwise after the last only; one entry at least.</param>
public sealed record EpisodeEvaluation(ImmutableArray<StepEvaluation> Steps)
{
    /// <summary>After the last inner step.</summary>
    public StepEvaluation Last => Steps[^1];

    /// <summary>What the baselines of the run's data achieve on the same queries; empty where they were not asked for.</summary>
    public ImmutableArray<float> Baselines { get; init; } = [];
}

/// <summary>Measures of an episode's query set after some inner steps.</summary>
/// <param name="InnerSteps">How many.</param>
/// <param name="QueryLoss">Mean loss (cross-entropy, or squared error for regression), transductive.</param>
/// <param name="TransductiveAccuracyFraction">Batch norm uses the statistics of the whole query set; 0 for regression.</param>
/// <param name="InductiveQueryLoss">Mean loss, inductive.</param>
/// <param name="InductiveAccuracyFraction">Batch norm does not see the query set (statistics of the support set, or learned ones); 0 for regression.</param>
public readonly record struct StepEvaluation(
    int InnerSteps, float QueryLoss, float TransductiveAccuracyFraction, float InductiveQueryLoss, float InductiveAccuracyFraction);
