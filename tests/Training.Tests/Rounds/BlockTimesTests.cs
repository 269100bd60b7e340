using CsCheck;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Tests.Rounds;

public sealed class BlockTimesTests
{
    [Theory]
    [InlineData(30.0, new double[0])]
    [InlineData(30.0, new[] { 1.0, 2, 3 })]
    [InlineData(30.0, new[] { 3.0, 3, 3 })]
    [InlineData(40.0, new[] { 1.0, 4, 60 })]
    [InlineData(600.0, new[] { 60.0 })]
    public void For_MeasuredBlocks_DeadlineIsTenMediansButNeverShorter(double deadline, double[] seconds) => Assert.Equal(
        TimeSpan.FromSeconds(deadline), LeasePolicy.Default.For(Of(seconds)).Deadline);

    [Fact]
    public void Add_MoreThanAreKept_ForgetsTheOldest() => Gen.Double[0.1, 100].Array[0, 3 * BlockTimes.Kept].Repeatable().Sample(seconds =>
    {
        TimeSpan[] kept = [.. seconds.TakeLast(BlockTimes.Kept).Select(TimeSpan.FromSeconds)];
        BlockTimes times = Of(seconds);
        Assert.Equal(kept, times.Recent);
        Assert.Equal(kept.Length, times.Count);
        Assert.Equal(kept.Length == 0 ? null : kept.Order().ElementAt(kept.Length / 2), times.Median);
    }, iter: 50);

    private static BlockTimes Of(double[] seconds) => seconds.Aggregate(BlockTimes.None, (times, time) => times.Add(TimeSpan.FromSeconds(time)));
}
