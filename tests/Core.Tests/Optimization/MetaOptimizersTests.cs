using MetaMap.Core.Configuration;
using MetaMap.Core.Optimization;

namespace MetaMap.Core.Tests.Optimization;

public sealed class MetaOptimizersTests
{
    [Fact]
    public void LearningRate_WithoutFinalRate_IsExactlyTheRate()
    {
        var options = new RunOptions { MetaLr = 0.1, Iterations = 7 };
        Assert.All(Enumerable.Range(1, 7), iteration => Assert.Equal(0.1, MetaOptimizers.LearningRate(options, iteration)));
    }

    [Fact]
    public void LearningRate_WithFinalRate_FallsAlongACosine() => AssertRates(
        [0.5, 0.3 + 0.2 * Math.Sqrt(0.5), 0.3, 0.3 - 0.2 * Math.Sqrt(0.5), 0.1],
        new RunOptions { MetaLr = 0.5, MetaLrFinal = 0.1, Iterations = 5 });

    [Fact]
    public void LearningRate_WithWarmup_RisesAlongALineFirst()
    {
        AssertRates([0.125, 0.25, 0.375, 0.5, 0.5, 0.5], new RunOptions { MetaLr = 0.5, WarmupIterations = 3, Iterations = 6 });
        AssertRates([0.25, 0.5, 0.3, 0.1], new RunOptions { MetaLr = 0.5, MetaLrFinal = 0.1, WarmupIterations = 1, Iterations = 4 });
    }

    [Fact]
    public void LearningRate_WarmupAsLongAsTheRun_NeverExceedsTheRate() =>
        AssertRates([0.1, 0.2, 0.3], new RunOptions { MetaLr = 0.4, MetaLrFinal = 0.1, WarmupIterations = 3, Iterations = 3 });

    [Fact]
    public void LearningRate_OfASingleIteration_IsTheFirstRate() =>
        Assert.Equal(0.5, MetaOptimizers.LearningRate(new RunOptions { MetaLr = 0.5, MetaLrFinal = 0.1, Iterations = 1 }, 1), 12);

    [Fact]
    public void All_EveryName_GivesAnOptimizer()
    {
        Assert.Equal(["adam", "adamw", "sgd"], MetaOptimizers.All.Names.AsEnumerable());
        Assert.IsType<Adam>(MetaOptimizers.All["adam"].Create(new RunOptions()));
        Assert.IsType<Adam>(MetaOptimizers.All["adamw"].Create(new RunOptions()));
        Assert.IsType<Sgd>(MetaOptimizers.All["sgd"].Create(new RunOptions()));
        Assert.Contains("adam, adamw, sgd", Assert.Throws<ConfigurationException>(() => MetaOptimizers.All["lion"]).Message, StringComparison.Ordinal);
    }

    private static void AssertRates(double[] expected, RunOptions options)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], MetaOptimizers.LearningRate(options, i + 1), 12);
        }
    }
}
