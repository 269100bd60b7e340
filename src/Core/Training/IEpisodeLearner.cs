using System.Collections.Immutable;
using MetaMap.Core.Episodes;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Training;

/// <summary>
/// One lane of computation: adapts to episodes and differentiates their query losses. Not safe for concurrent use;
/// each lane has its own. The same inputs give the same bits on every lane, thread and process of like processors.
/// </summary>
public interface IEpisodeLearner : IDisposable
{
    /// <summary>Runs inner and outer differentiation for each episode of a block and sums the meta-gradients in episode order.</summary>
    /// <param name="metaParameters">Theta.</param>
    /// <param name="block">The episodes.</param>
    /// <param name="cancellation">Checked between episodes.</param>
    BlockGradient ComputeBlock(ParameterVector metaParameters, EpisodeBlock block, CancellationToken cancellation);

    /// <summary>Adapts to the support set and measures the query set; no meta-gradient.</summary>
    /// <param name="metaParameters">Theta.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="innerSteps">Inner steps, 0 or more.</param>
    EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps);
}

/// <summary>Measures of one training episode on its query set.</summary>
/// <param name="QueryLoss">Mean cross-entropy over the query set after adaptation.</param>
/// <param name="QueryAccuracyFraction">Share of query examples labelled right, 0 to 1 (transductive batch statistics).</param>
public readonly record struct EpisodeMetrics(float QueryLoss, float QueryAccuracyFraction);

/// <summary>The result of one block.</summary>
/// <param name="GradientSum">Sum over the block's episodes of d(query loss)/d(theta), added in episode order.</param>
/// <param name="Episodes">One entry per episode, in order.</param>
public sealed record BlockGradient(ParameterVector GradientSum, ImmutableArray<EpisodeMetrics> Episodes);

/// <summary>Few-shot accuracy of one evaluation episode.</summary>
/// <param name="QueryLoss">Mean cross-entropy over the query set, transductive.</param>
/// <param name="TransductiveAccuracyFraction">Batch norm uses the statistics of the whole query set.</param>
/// <param name="InductiveAccuracyFraction">Batch norm uses the statistics of the support set only, so that queries do not see each other.</param>
public readonly record struct EpisodeEvaluation(
    float QueryLoss, float TransductiveAccuracyFraction, float InductiveAccuracyFraction);
