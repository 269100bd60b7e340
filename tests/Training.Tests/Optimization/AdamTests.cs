using MetaMap.Core.Parameters;
using MetaMap.Training.Optimization;

namespace MetaMap.Training.Tests.Optimization;

public sealed class AdamTests
{
    private static readonly ParameterLayout _layout = new([new ParameterEntry("w", [3])]);

    [Fact]
    public void Update_FirstTwoSteps_AreThoseComputedByHand()
    {
        var adam = new Adam();
        (ParameterVector theta, OptimizerState state) = adam.Update(
            new ParameterVector(_layout, [1, 2, 3]), new ParameterVector(_layout, [0.5f, -2, 0]), adam.CreateState(_layout), 0.1);

        // After one step m/(1-b1) = g and v/(1-b2) = g squared: every coordinate moves by the rate against its sign.
        AssertNear([0.9, 2.1, 3], theta, 1e-6);
        AssertNear([0.05, -0.2, 0], state.Slots[0].Values, 1e-7);
        AssertNear([0.00025, 0.004, 0], state.Slots[1].Values, 1e-7);
        Assert.Equal(1, state.Updates);

        (theta, state) = adam.Update(theta, new ParameterVector(_layout, [1, 2, 0]), state, 0.1);

        // m = 0.145, 0.02, 0; v = 0.00124975, 0.007996, 0; corrections 1 - 0.81 and 1 - 0.998001.
        AssertNear(
            [0.9 - 0.1 * (0.145 / 0.19) / Math.Sqrt(0.00124975 / 0.001999), 2.1 - 0.1 * (0.02 / 0.19) / Math.Sqrt(0.007996 / 0.001999), 3],
            theta, 1e-6);
        Assert.Equal(2, state.Updates);
    }

    [Fact]
    public void Update_WithWeightDecay_ShrinksThetaBesideTheStep()
    {
        // PyTorch's AdamW, by hand: theta (1 - 0.1 · 0.5), then Adam's step of the plain gradient.
        var adamW = new Adam(weightDecay: 0.5);
        (ParameterVector theta, OptimizerState state) = adamW.Update(
            new ParameterVector(_layout, [1, 2, 3]), new ParameterVector(_layout, [0.5f, -2, 0]), adamW.CreateState(_layout), 0.1);
        AssertNear([0.95 - 0.1, 1.9 + 0.1, 2.85], theta, 1e-6);

        (theta, state) = adamW.Update(theta, new ParameterVector(_layout, [1, 2, 0]), state, 0.1);
        AssertNear(
            [0.85 * 0.95 - 0.1 * (0.145 / 0.19) / Math.Sqrt(0.00124975 / 0.001999), 1.9 - 0.1 * (0.02 / 0.19) / Math.Sqrt(0.007996 / 0.001999), 2.85 * 0.95],
            theta, 1e-6);
        AssertNear([0.145, 0.02, 0], state.Slots[0].Values, 1e-7);
    }

    [Fact]
    public void Update_HundredSteps_AgreesWithFloat64()
    {
        var adam = new Adam();
        var layout = new ParameterLayout([new ParameterEntry("w", [40])]);
        var random = new Random(3);
        float[] start = [.. Enumerable.Range(0, 40).Select(_ => (float)(2 * random.NextDouble() - 1))];
        double[] theta = [.. start.Select(value => (double)value)];
        double[] m = new double[40];
        double[] v = new double[40];
        var parameters = new ParameterVector(layout, start);
        OptimizerState state = adam.CreateState(layout);
        for (int t = 1; t <= 100; t++)
        {
            float[] gradient = [.. Enumerable.Range(0, 40).Select(_ => (float)(random.NextDouble() - 0.3))];
            (parameters, state) = adam.Update(parameters, new ParameterVector(layout, gradient), state, 0.003);
            for (int i = 0; i < 40; i++)
            {
                m[i] = 0.9 * m[i] + 0.1 * gradient[i];
                v[i] = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i];
                theta[i] -= 0.003 * (m[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
            }
        }

        AssertNear(theta, parameters, 2e-6);
    }

    [Fact]
    public void Update_SameInputs_GivesTheSameBitsAndLeavesThemAlone()
    {
        var adam = new Adam();
        var theta = new ParameterVector(_layout, [1, 2, 3]);
        var gradient = new ParameterVector(_layout, [0.1f, 0.2f, 0.3f]);
        OptimizerState state = adam.Update(theta, gradient, adam.CreateState(_layout), 0.1).State;
        (string Theta, string Gradient, string M) before = (theta.Sha256, gradient.Sha256, state.Slots[0].Values.Sha256);
        Assert.Equal(adam.Update(theta, gradient, state, 0.1), adam.Update(theta, gradient, state, 0.1));
        Assert.Equal(before, (new ParameterVector(_layout, theta.Values.ToArray()).Sha256, new ParameterVector(_layout, gradient.Values.ToArray()).Sha256,
            new ParameterVector(_layout, state.Slots[0].Values.Values.ToArray()).Sha256));
    }

    private static void AssertNear(double[] expected, ParameterVector actual, double tolerance)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.InRange(actual.Values[i], expected[i] - tolerance, expected[i] + tolerance);
        }
    }
}
