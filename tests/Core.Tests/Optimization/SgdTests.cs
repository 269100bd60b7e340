using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Tests.Optimization;

public sealed class SgdTests
{
    [Fact]
    public void Update_OneStep_SubtractsRateTimesGradient()
    {
        var layout = new ParameterLayout([new ParameterEntry("w", [2])]);
        var sgd = new Sgd();
        (ParameterVector theta, OptimizerState state) = sgd.Update(
            new ParameterVector(layout, [1, -2]), new ParameterVector(layout, [4, 8]), sgd.CreateState(layout), 0.25);
        Assert.Equal([0f, -4f], theta.Values.ToArray());
        Assert.Equal(new OptimizerState(1, []), state);
    }
}
