using MetaMap.Training.Aggregation;

namespace MetaMap.Training.Tests.Aggregation;

public sealed class MeanAggregationTests
{
    [Fact]
    public void Aggregate_BlocksOfUnequalSize_WeighByTheirEpisodes() =>
        Assert.Equal([2f], new MeanAggregation().Aggregate([Blocks.Of([9], 3), Blocks.Of([-1], 1)]));

    [Fact]
    public void Aggregate_ClippedBlock_CountsScaled() =>
        Assert.Equal([(4 + 3) / 4f], new MeanAggregation().Aggregate([Blocks.Of([8], 2, scale: 0.5f), Blocks.Of([3], 2)]));

    [Fact]
    public void Aggregate_ClippedBlock_LeavesRunningStatisticsAlone()
    {
        WeighedBlock block = Blocks.Of([8, 8, 8], 2, scale: 0.5f) with { Norms = new BlockNorms([(0, 1), (2, 1)]) };
        Assert.Equal([2f, 4, 2], new MeanAggregation().Aggregate([block]));
    }
}
