using MetaMap.Core.Options;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Tests.Loop;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void At_WithoutFinalRate_IsExactlyTheRate()
    {
        RunOptions options = OptionValues.Of(("meta_lr", 0.1), ("iterations", 7)).Resolve();
        Assert.All(Enumerable.Range(1, 7), iteration => Assert.Equal(0.1, LearningRateSchedule.At(options, iteration)));
    }

    [Fact]
    public void At_WithFinalRate_FallsAlongACosine() => AssertRates(
        [0.5, 0.3 + 0.2 * Math.Sqrt(0.5), 0.3, 0.3 - 0.2 * Math.Sqrt(0.5), 0.1],
        OptionValues.Of(("meta_lr", 0.5), ("meta_lr_final", 0.1), ("iterations", 5)).Resolve());

    [Fact]
    public void At_WithWarmup_RisesAlongALineFirst()
    {
        AssertRates([0.125, 0.25, 0.375, 0.5, 0.5, 0.5], OptionValues.Of(("meta_lr", 0.5), ("warmup_iterations", 3), ("iterations", 6)).Resolve());
        AssertRates([0.25, 0.5, 0.3, 0.1], OptionValues.Of(("meta_lr", 0.5), ("meta_lr_final", 0.1), ("warmup_iterations", 1), ("iterations", 4)).Resolve());
    }

    [Fact]
    public void At_WarmupAsLongAsTheRun_NeverExceedsTheRate() =>
        AssertRates([0.1, 0.2, 0.3], OptionValues.Of(("meta_lr", 0.4), ("meta_lr_final", 0.1), ("warmup_iterations", 3), ("iterations", 3)).Resolve());

    [Fact]
    public void At_OfASingleIteration_IsTheFirstRate() =>
        Assert.Equal(0.5, LearningRateSchedule.At(OptionValues.Of(("meta_lr", 0.5), ("meta_lr_final", 0.1), ("iterations", 1)).Resolve(), 1), 12);

    private static void AssertRates(double[] expected, RunOptions options)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], LearningRateSchedule.At(options, i + 1), 12);
        }
    }
}
