using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Training.Optimization;

namespace MetaMap.Training.Tests.Optimization;

public sealed class MetaOptimizersTests
{
    [Fact]
    public void All_EveryName_GivesAnOptimizer()
    {
        Assert.Equal(["adam", "adamw", "sgd"], MetaOptimizers.All.Names.AsEnumerable());
        Assert.IsType<Adam>(MetaOptimizers.All["adam"].Create(new NoOptions()));
        Assert.IsType<Adam>(MetaOptimizers.All["adamw"].Create(new AdamWOptions()));
        Assert.IsType<Sgd>(MetaOptimizers.All["sgd"].Create(new SgdOptions()));
        Assert.Contains("adam, adamw, sgd", Assert.Throws<ConfigurationException>(() => MetaOptimizers.All["lion"]).Message, StringComparison.Ordinal);
    }
}
