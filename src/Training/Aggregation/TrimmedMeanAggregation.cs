using System.Numerics.Tensors;

namespace MetaMap.Training.Aggregation;

/// <summary>
/// The coordinate-wise trimmed mean of the blocks' mean gradients (Yin et al. 2018, definition 2): at each end the share
/// <paramref name="trim"/> of the blocks, rounded up, is dropped, the rest is averaged. Every block weighs the same, a
/// smaller last one too. When so few blocks count that none would be left, the middle one or two are kept.
/// </summary>
/// <param name="trim">Share that is dropped at each end, above 0 and below 0.5.</param>
internal sealed class TrimmedMeanAggregation(double trim) : IBlockAggregation
{
    /// <summary>Number of blocks that are dropped at each end.</summary>
    /// <param name="trim">The share.</param>
    /// <param name="blocks">The number of blocks in all.</param>
    public static int Dropped(double trim, int blocks) => (int)Math.Ceiling((decimal)trim * blocks);

    /// <inheritdoc />
    public void Aggregate(IReadOnlyList<WeighedBlock> blocks, int start, Span<float> mean)
    {
        using SortedRows rows = SortedRows.Of(blocks, start, mean.Length);
        int dropped = Math.Min(Dropped(trim, blocks.Count), (blocks.Count - 1) / 2);
        int kept = blocks.Count - 2 * dropped;
        rows[dropped].CopyTo(mean);
        for (int row = dropped + 1; row < dropped + kept; row++)
        {
            TensorPrimitives.Add(mean, rows[row], mean);
        }

        TensorPrimitives.Divide(mean, kept, mean);
    }
}
