using MetaMap.Coordinator.Http;

namespace MetaMap.Coordinator.Tests.Http;

public sealed class EvaluationBodyTests
{
    [Theory]
    [InlineData(0.5, 0.1, 0.75, 0.1, true)]
    [InlineData(0.5, 0.1, 0.65, 0.1, false)]
    [InlineData(0.5, null, 0.9, 0.1, false)]
    [InlineData(0.5, 0.1, 0.9, null, false)]
    public void IsClearlyBelow_Accuracy_NeedsIntervalsThatDoNotMeet(double accuracy, double? interval, double better, double? betterInterval, bool isClear)
    {
        EvaluationBody model = Body(accuracy, null, interval, new BaselineBody("b", better, null, betterInterval));
        Assert.Equal(isClear, model.IsClearlyBelow(model.Better!));
    }

    [Theory]
    [InlineData(2, 0.1, 1.7, 0.1, true)]
    [InlineData(2, 0.1, 1.9, 0.1, false)]
    public void IsClearlyBelow_SquaredError_NeedsIntervalsThatDoNotMeet(double error, double interval, double better, double betterInterval, bool isClear)
    {
        EvaluationBody model = Body(null, error, interval, new BaselineBody("b", null, better, betterInterval));
        Assert.Equal(isClear, model.IsClearlyBelow(model.Better!));
    }

    [Fact]
    public void Better_BaselineIsWorse_IsNone() => Assert.Null(Body(0.5, null, 0.1, new BaselineBody("b", 0.4, null, 0.1)).Better);

    private static EvaluationBody Body(double? accuracy, double? error, double? interval, params BaselineBody[] baselines) =>
        new("r", 1, "", "test", 3, accuracy, interval, null, null, error, null, 10, 1, baselines);
}
