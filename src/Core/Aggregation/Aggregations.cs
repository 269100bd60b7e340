using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Aggregation;

/// <summary>The ways to make one mean meta-gradient of the blocks', by name.</summary>
public static class Aggregations
{
    // Coordinates times blocks that are looked at together: as rows they fit a second-level cache.
    private const int ChunkValues = 1 << 17;
    private const int LeastChunk = 64;

    /// <summary>Name of the default.</summary>
    public const string Mean = "mean";

    /// <summary>All by name.</summary>
    public static Registry<AggregationDefinition> All { get; } = new(
        "aggregation",
        new AggregationDefinition(Mean, [], new RunOptions(), _ => new MeanAggregation()),
        new AggregationDefinition("median", [], new RunOptions(), _ => new MedianAggregation()),
        new AggregationDefinition(
            "trimmed-mean", [nameof(RunOptions.Trim)], new RunOptions { Trim = 0.1 }, options => new TrimmedMeanAggregation(options.Trim ?? 0)));

    /// <summary>The whole mean meta-gradient, computed stretch by stretch: beside the result, memory does not grow with the number of parameters.</summary>
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

    /// <summary>Refuses options under which nothing is left to average.</summary>
    /// <exception cref="ConfigurationException">Which, and what to do.</exception>
    internal static void Check(RunOptions options)
    {
        int blocks = (int)(((long)options.MetaBatch + options.Block - 1) / options.Block);
        if (options.Trim is { } trim && TrimmedMeanAggregation.Dropped(trim, blocks) is var dropped && 2 * dropped >= blocks)
        {
            throw new ConfigurationException(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"--trim {trim} drops {dropped} of {blocks} blocks at each end, so that none is left; take a larger --meta-batch or a smaller --block."));
        }
    }
}

/// <summary>A way to aggregate: its name and options.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Reads">The optional options that it reads.</param>
/// <param name="Defaults">Their defaults.</param>
/// <param name="Create">The aggregation of a run with resolved options.</param>
public sealed record AggregationDefinition(
    string Name, ImmutableArray<string> Reads, RunOptions Defaults, Func<RunOptions, IBlockAggregation> Create) : IOptionReader;
