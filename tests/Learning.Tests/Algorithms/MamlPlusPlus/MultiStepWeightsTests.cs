using CsCheck;
using MetaMap.Learning.Algorithms;
using MetaMap.Testing;

namespace MetaMap.Learning.Tests.Algorithms.MamlPlusPlusParts;

public sealed class MultiStepWeightsTests
{
    [Fact]
    public void At_Schedule_MovesLinearlyFromUniformToTheLastStep()
    {
        Assert.Equal([0, 0.25, 0.25, 0.25, 0.25], MultiStepWeights.At(iteration: 1, innerSteps: 4, iterations: 10));
        Assert.Equal([0, 0.125, 0.125, 0.125, 0.625], MultiStepWeights.At(iteration: 6, innerSteps: 4, iterations: 10));
        Assert.Equal([0, 0, 0, 0, 1], MultiStepWeights.At(iteration: 11, innerSteps: 4, iterations: 10));
        Assert.Equal([0, 0, 1], MultiStepWeights.At(iteration: 1, innerSteps: 2, iterations: 0));
    }

    [Fact]
    public void At_AnySchedule_SumsToOneAndNeverFallsBack() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 10], Gen.Int[0, 100]).Repeatable().Sample((iteration, innerSteps, iterations) =>
        {
            IReadOnlyList<double> now = MultiStepWeights.At(iteration, innerSteps, iterations);
            Assert.Equal(1, now.Sum(), 1e-12);
            Assert.All(now, weight => Assert.InRange(weight, 0, 1));
            Assert.True(MultiStepWeights.At(iteration + 1, innerSteps, iterations)[^1] >= now[^1]);
        });
}
