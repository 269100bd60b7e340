namespace MetaMap.Core.Training;

/// <summary>A mean with its 95% confidence interval under the normal approximation.</summary>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="HalfWidth95">1.96 · s / sqrt(n) with the sample standard deviation s (n - 1); null when n is 1.</param>
public readonly record struct MeanWithInterval(double Mean, double? HalfWidth95)
{
    /// <summary>Mean and interval of one value or more, summed in order.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static MeanWithInterval Of(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            throw new ArgumentException("A mean needs at least one value.", nameof(values));
        }

        double mean = values.Sum() / values.Count;
        if (values.Count == 1)
        {
            return new MeanWithInterval(mean, null);
        }

        double variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        return new MeanWithInterval(mean, 1.96 * Math.Sqrt(variance / values.Count));
    }
}

/// <summary>Few-shot accuracy over evaluation episodes: a single model, both kinds of batch statistics named.</summary>
/// <param name="Episodes">Number of episodes, 1 or more.</param>
/// <param name="MeanQueryLoss">Mean over the episodes of the mean cross-entropy of a query set, transductive.</param>
/// <param name="TransductiveAccuracyFraction">Batch norm uses the statistics of the whole query set; 0 to 1.</param>
/// <param name="InductiveAccuracyFraction">Batch norm uses the statistics of the support set only; 0 to 1.</param>
public sealed record AccuracySummary(
    int Episodes,
    double MeanQueryLoss,
    MeanWithInterval TransductiveAccuracyFraction,
    MeanWithInterval InductiveAccuracyFraction)
{
    /// <summary>Sums up the episodes of an evaluation, in their order.</summary>
    /// <exception cref="ArgumentException">There is no episode.</exception>
    public static AccuracySummary Of(IReadOnlyList<EpisodeEvaluation> episodes) => new(
        episodes.Count,
        MeanWithInterval.Of([.. episodes.Select(e => (double)e.Last.QueryLoss)]).Mean,
        MeanWithInterval.Of([.. episodes.Select(e => (double)e.Last.TransductiveAccuracyFraction)]),
        MeanWithInterval.Of([.. episodes.Select(e => (double)e.Last.InductiveAccuracyFraction)]));
}
