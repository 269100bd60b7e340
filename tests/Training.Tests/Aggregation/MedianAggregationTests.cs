using CsCheck;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;

namespace MetaMap.Training.Tests.Aggregation;

public sealed class MedianAggregationTests
{
    private static readonly MedianAggregation _median = new();

    [Theory]
    [InlineData(7f, 7f)]
    [InlineData(1.5f, 1f, 2f)]
    [InlineData(2f, 3f, -100f, 2f)]
    [InlineData(2.5f, 4f, 1f, 3f, 2f)]
    [InlineData(0f, 3e38f, -3e38f)]
    [InlineData(3e38f, 3e38f, 3e38f)]
    [InlineData(1e-45f, 1e-45f, 1e-45f)]
    public void Aggregate_OneCoordinate_IsTheMiddle(float expected, params float[] values) => Assert.Equal(expected, _median.Column(values));

    [Fact]
    public void Aggregate_EachCoordinate_HasItsOwnMiddle() => Assert.Equal(
        [2f, 5, 0], _median.Aggregate(Blocks.Of([1, 9, 0], [2, 5, -1], [3, 1, 1])));

    [Fact]
    public void Aggregate_BlocksOfUnequalSize_WeighTheSame() => Assert.Equal([3f], _median.Aggregate([Blocks.Of([8], 4), Blocks.Of([3], 1), Blocks.Of([16], 4)]));

    [Fact]
    public void Aggregate_ClippedBlock_CountsScaled() => Assert.Equal([3f], _median.Aggregate([Blocks.Of([3], 1), Blocks.Of([8], 1, scale: 0.25f), Blocks.Of([9], 1)]));

    [Fact]
    public void Aggregate_FewerLiarsThanHalf_StaysWithinTheHonestRange() =>
        Gen.Select(Gen.Float[-1e30f, 1e30f].Array[1, 20], Gen.Float[-3e38f, 3e38f].Array[0, 19]).Repeatable().Sample((honest, liars) =>
        {
            float[] fewer = liars[..Math.Min(liars.Length, honest.Length - 1)];
            Assert.InRange(_median.Column([.. fewer, .. honest]), honest.Min(), honest.Max());
        });

    [Fact]
    public void Aggregate_ManyBlocks_AgreesWithSorting() => Gen.Float[-1e9f, 1e9f].Array[1, 70].Repeatable().Sample(values =>
    {
        double[] sorted = [.. values.Order().Select(value => (double)value)];
        Assert.Equal((float)((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2), _median.Column(values));
    });
}
