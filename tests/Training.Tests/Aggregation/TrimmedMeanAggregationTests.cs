using CsCheck;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;

namespace MetaMap.Training.Tests.Aggregation;

public sealed class TrimmedMeanAggregationTests
{
    [Theory]
    [InlineData(0.1, 4, 1)]
    [InlineData(0.1, 10, 1)]
    [InlineData(0.1, 11, 2)]
    [InlineData(0.07, 100, 7)]
    [InlineData(0.49, 100, 49)]
    public void Dropped_Share_IsRoundedUp(double trim, int blocks, int dropped) => Assert.Equal(dropped, TrimmedMeanAggregation.Dropped(trim, blocks));

    [Theory]
    [InlineData(0.1, 5f, -1000f, 4f, 6f, 1e30f)]
    [InlineData(0.4, 3f, 1f, 2f, 3f, 40f, 50f)]
    [InlineData(0.2, 3f, 1f, 2f, 3f, 4f, 50f)]
    public void Aggregate_OneCoordinate_IsTheMeanOfTheRest(double trim, float expected, params float[] values) =>
        Assert.Equal(expected, new TrimmedMeanAggregation(trim).Column(values));

    [Theory]
    [InlineData(5f, 5f)]
    [InlineData(2f, 1f, 3f)]
    [InlineData(3f, 1f, 3f, 50f)]
    public void Aggregate_SoFewBlocksCountThatNoneWouldBeLeft_TheMiddleStays(float expected, params float[] values) =>
        Assert.Equal(expected, new TrimmedMeanAggregation(0.45).Column(values));

    [Fact]
    public void Aggregate_NoMoreLiarsThanAreDropped_StaysWithinTheHonestRange() =>
        Gen.Select(Gen.Float[-1e6f, 1e6f].Array[3, 20], Gen.Float[-3e38f, 3e38f].Array[0, 5]).Repeatable().Sample((honest, liars) =>
        {
            float[] all = [.. liars, .. honest];
            double trim = 0.3;
            if (liars.Length <= TrimmedMeanAggregation.Dropped(trim, all.Length) && 2 * TrimmedMeanAggregation.Dropped(trim, all.Length) < all.Length)
            {
                float slack = honest.Max(Math.Abs) * 1e-5f;
                Assert.InRange(new TrimmedMeanAggregation(trim).Column(all), honest.Min() - slack, honest.Max() + slack);
            }
        });
}
