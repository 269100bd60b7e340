using MetaMap.Core.Options;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>A few dozen meta-iterations make each algorithm better at classes that it has not seen.</summary>
public sealed class LearningTests
{
    [Theory]
    [InlineData("reptile", 0.01, null, 25)]
    [InlineData("imaml", null, 0.02, 25)]
    [InlineData("cavia", null, 0.005, 120)]
    [InlineData("feature-offset", null, null)]
    [InlineData("feature-offset:gradient", null, null)]
    [InlineData("protonet", null, null)]
    [InlineData("pretrain", null, 0.2, 120)]
    public void Train_Patterns_LearnsToLearn(string algorithm, double? innerLr, double? metaLr, int iterations = 40)
    {
        string[] name = algorithm.Split(':');
        OptionValues options = TrainingRun.Options.With(("algorithm", name[0]), ("offset_solver", name.ElementAtOrDefault(1)), ("inner_lr", innerLr), ("meta_lr", metaLr), ("iterations", iterations));
        (double[] losses, (double Loss, double Accuracy) before, (double Loss, double Accuracy) after) = TrainingRun.Train(options);
        string figures = $"loss {losses[..5].Average():f3} to {losses[^5..].Average():f3}, test loss {before.Loss:f3} to {after.Loss:f3}, "
            + $"accuracy {before.Accuracy:f3} to {after.Accuracy:f3}";
        Assert.True(losses[^5..].Average() < 0.85 * losses[..5].Average(), figures);
        Assert.True(after.Loss < 0.9 * before.Loss, figures);
        Assert.True(after.Accuracy > 0.6, figures);
    }
}
