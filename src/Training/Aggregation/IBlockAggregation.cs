namespace MetaMap.Training.Aggregation;

/// <summary>
/// How the blocks of an iteration become one mean meta-gradient. Works coordinate by coordinate, so that a stretch of
/// coordinates can be computed by itself; pure, with the same bits on every processor.
/// </summary>
internal interface IBlockAggregation
{
    /// <summary>Computes one stretch of the mean meta-gradient.</summary>
    /// <param name="blocks">The blocks that count, in block order; one or more, all finite.</param>
    /// <param name="start">First coordinate of the stretch.</param>
    /// <param name="mean">Receives the stretch.</param>
    void Aggregate(IReadOnlyList<WeighedBlock> blocks, int start, Span<float> mean);
}
