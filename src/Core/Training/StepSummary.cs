using System.Collections.Immutable;

namespace MetaMap.Core.Training;

/// <summary>Means over evaluation episodes after some inner steps.</summary>
/// <param name="InnerSteps">How many.</param>
/// <param name="QueryLoss">Transductive (mean cross-entropy, or mean squared error for regression).</param>
/// <param name="TransductiveAccuracyFraction">0 to 1; 0 for regression.</param>
/// <param name="InductiveQueryLoss">Inductive.</param>
/// <param name="InductiveAccuracyFraction">0 to 1; 0 for regression.</param>
public sealed record StepSummary(
    int InnerSteps, MeanWithInterval QueryLoss, MeanWithInterval TransductiveAccuracyFraction,
    MeanWithInterval InductiveQueryLoss, MeanWithInterval InductiveAccuracyFraction)
{
    /// <summary>Sums up every measured inner step of episodes, in their order.</summary>
    /// <param name="episodes">One or more, all measured after the same inner steps.</param>
    public static ImmutableArray<StepSummary> Of(IReadOnlyList<EpisodeEvaluation> episodes) =>
    [
        .. Enumerable.Range(0, episodes[0].Steps.Length).Select(i => new StepSummary(
            episodes[0].Steps[i].InnerSteps,
            Mean(episodes, i, step => step.QueryLoss), Mean(episodes, i, step => step.TransductiveAccuracyFraction),
            Mean(episodes, i, step => step.InductiveQueryLoss), Mean(episodes, i, step => step.InductiveAccuracyFraction))),
    ];

    private static MeanWithInterval Mean(IReadOnlyList<EpisodeEvaluation> episodes, int step, Func<StepEvaluation, float> measure) =>
        MeanWithInterval.Of([.. episodes.Select(episode => (double)measure(episode.Steps[step]))]);
}
