using System.ComponentModel;
using MetaMap.Core;
using MetaMap.Core.Options;

namespace MetaMap.Training.Aggregation;

/// <summary>The ways to combine the blocks' gradients into one mean meta-gradient, by name.</summary>
internal static class Aggregations
{
    // Values (coordinates times blocks) that are processed together: they fit a second-level cache.
    private const int ChunkValues = 1 << 17;
    private const int LeastChunk = 64;

    /// <summary>Name of the default.</summary>
    public const string Mean = "mean";

    /// <summary>All aggregations.</summary>
    public static Registry<AggregationDefinition> All { get; } = new(
        "aggregation",
        new AggregationDefinition(Mean, new NoOptions(), _ => new MeanAggregation()),
        new AggregationDefinition("median", new NoOptions(), _ => new MedianAggregation()),
        new AggregationDefinition("trimmed-mean", new TrimOptions(), options => new TrimmedMeanAggregation(((TrimOptions)options).Trim)));

    /// <summary>The whole mean meta-gradient, computed stretch by stretch: apart from the result, memory does not grow with the parameters.</summary>
    /// <param name="aggregation">How.</param>
    /// <param name="blocks">The blocks that count, in block order; one or more, all finite.</param>
    public static float[] Aggregate(this IBlockAggregation aggregation, IReadOnlyList<WeighedBlock> blocks)
    {
        float[] mean = new float[blocks[0].GradientSum.Values.Length];
        int chunk = Math.Max(LeastChunk, ChunkValues / blocks.Count);
        for (int start = 0; start < mean.Length; start += chunk)
        {
            aggregation.Aggregate(blocks, start, mean.AsSpan(start, Math.Min(chunk, mean.Length - start)));
        }

        return mean;
    }

    /// <summary>Refuses options that leave nothing to average.</summary>
    /// <exception cref="ConfigurationException">The options leave no block.</exception>
    internal static void Check(TrimOptions? options, int metaBatch, int block)
    {
        int blocks = (int)(((long)metaBatch + block - 1) / block);
        if (options is { Trim: var trim } && TrimmedMeanAggregation.Dropped(trim, blocks) is var dropped && 2 * dropped >= blocks)
        {
            throw new ConfigurationException(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"--trim {trim} drops {dropped} of {blocks} blocks at each end, so that none is left; take a larger --meta-batch or a smaller --block."));
        }
    }
}

/// <summary>A way to aggregate: its name and options.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Options">Its options with their defaults.</param>
/// <param name="Create">Creates the aggregation from its options.</param>
internal sealed record AggregationDefinition(string Name, object Options, Func<object, IBlockAggregation> Create) : IPart;

/// <summary>Options of <c>trimmed-mean</c>.</summary>
internal sealed record TrimOptions
{
    /// <summary>Share of the blocks that is dropped at each end in every coordinate, rounded up.</summary>
    [Description("Share of the blocks that is dropped at each end in every coordinate."), Above(0), Below(0.5)]
    public double Trim { get; init; } = 0.1;
}
