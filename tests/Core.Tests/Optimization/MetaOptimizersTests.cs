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
    public void LearningRate_WithFinalRate_FallsAlongACosine()
    {
        var options = new RunOptions { MetaLr = 0.5, MetaLrFinal = 0.1, Iterations = 5 };
        double[] expected = [0.5, 0.3 + 0.2 * Math.Sqrt(0.5), 0.3, 0.3 - 0.2 * Math.Sqrt(0.5), 0.1];
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(expected[i], MetaOptimizers.LearningRate(options, i + 1), 12);
        }
    }

    [Fact]
    public void LearningRate_OfASingleIteration_IsTheFirstRate() =>
        Assert.Equal(0.5, MetaOptimizers.LearningRate(new RunOptions { MetaLr = 0.5, MetaLrFinal = 0.1, Iterations = 1 }, 1), 12);

    [Fact]
    public void Create_EveryName_GivesAnOptimizer()
    {
        Assert.Equal(["adam", "sgd"], MetaOptimizers.Names.AsEnumerable());
        Assert.IsType<Adam>(MetaOptimizers.Create("adam"));
        Assert.IsType<Sgd>(MetaOptimizers.Create("sgd"));
        Assert.Contains("adam, sgd", Assert.Throws<ConfigurationException>(() => MetaOptimizers.Create("lion")).Message, StringComparison.Ordinal);
    }
}
