namespace MetaMap.Training.Evaluation;

/// <summary>Means over the examples of slices, each of which was measured as a mean over its own, with intervals over independent examples.</summary>
internal static class ExampleMeans
{
    /// <summary>The share of examples that are right, of the shares of slices: 1.96 sqrt(p (1 - p) / (n - 1)), that of n values 0 or 1.</summary>
    public static MeanWithInterval OfShares(IReadOnlyList<double> shares, EpisodeTasks slices)
    {
        (double mean, int examples) = Mean(shares, slices);
        return new MeanWithInterval(mean, 1.96 * Math.Sqrt(mean * (1 - mean) / (examples - 1)));
    }

    /// <summary>The mean loss of examples, of the means of slices, whose differences tell how much examples differ; no interval for a single slice.</summary>
    public static MeanWithInterval OfLosses(IReadOnlyList<double> losses, EpisodeTasks slices)
    {
        (double mean, int examples) = Mean(losses, slices);
        double variance = losses.Zip(slices.Slices, (loss, size) => size * (loss - mean) * (loss - mean)).Sum() / (losses.Count - 1);
        return new MeanWithInterval(mean, 1.96 * Math.Sqrt(variance / examples));
    }

    private static (double Mean, int Examples) Mean(IReadOnlyList<double> values, EpisodeTasks slices)
    {
        int examples = slices.Slices.Sum();
        return (values.Zip(slices.Slices, (value, size) => value * size).Sum() / examples, examples);
    }
}
