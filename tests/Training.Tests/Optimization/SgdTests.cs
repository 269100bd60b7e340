using MetaMap.Core.Parameters;
using MetaMap.Training.Optimization;

namespace MetaMap.Training.Tests.Optimization;

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

    [Fact]
    public void Update_MomentumAndWeightDecay_FollowPyTorch()
    {
        var layout = new ParameterLayout([new ParameterEntry("w", [1])]);
        var sgd = new Sgd(momentum: 0.9, weightDecay: 0.1);
        var theta = new ParameterVector(layout, [1]);
        OptimizerState state = sgd.CreateState(layout);

        // gradient + 0.1 theta: 0.6, 0.294, -0.91434; buffer: 0.6, 0.834, -0.16374; theta falls by 0.1 of the buffer.
        (float Gradient, float Buffer, float Theta)[] steps = [(0.5f, 0.6f, 0.94f), (0.2f, 0.834f, 0.8566f), (-1, -0.16374f, 0.872974f)];
        foreach ((float gradient, float buffer, float expected) in steps)
        {
            (theta, state) = sgd.Update(theta, new ParameterVector(layout, [gradient]), state, 0.1);
            Assert.Equal(buffer, state.Slots[0].Values.Values[0], 1e-6f);
            Assert.Equal(expected, theta.Values[0], 1e-6f);
        }

        Assert.Equal(3, state.Updates);
        Assert.Equal("momentum", Assert.Single(state.Slots).Name);
    }

    [Fact]
    public void Update_WeightDecayAlone_KeepsNoState()
    {
        var layout = new ParameterLayout([new ParameterEntry("w", [2])]);
        var sgd = new Sgd(weightDecay: 0.5);
        (ParameterVector theta, OptimizerState state) = sgd.Update(
            new ParameterVector(layout, [4, -2]), new ParameterVector(layout, [0, 1]), sgd.CreateState(layout), 0.25);
        Assert.Equal([3.5f, -2f], theta.Values.ToArray());
        Assert.Empty(state.Slots);
    }
}
