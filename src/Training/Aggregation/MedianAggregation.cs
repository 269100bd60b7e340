namespace MetaMap.Training.Aggregation;

/// <summary>
/// The coordinate-wise median of the blocks' mean gradients (Yin et al. 2018, definition 1); of an even number of blocks
/// the midpoint of the two in the middle. Every block weighs the same, a smaller last one too. As long as fewer than
/// half of the blocks are wrong, each coordinate stays within the range of those that are right.
/// </summary>
internal sealed class MedianAggregation : IBlockAggregation
{
    /// <inheritdoc />
    public void Aggregate(IReadOnlyList<WeighedBlock> blocks, int start, Span<float> mean)
    {
        using SortedRows rows = SortedRows.Of(blocks, start, mean.Length);
        ReadOnlySpan<float> upper = rows[blocks.Count / 2];
        if (blocks.Count % 2 == 1)
        {
            upper.CopyTo(mean);
            return;
        }

        ReadOnlySpan<float> lower = rows[blocks.Count / 2 - 1];
        for (int i = 0; i < mean.Length; i++)
        {
            // In float64, where the sum of two float32 values is exact enough and never overflows.
            mean[i] = (float)(((double)lower[i] + upper[i]) / 2);
        }
    }
}
