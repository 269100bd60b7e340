using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Baselines;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;

namespace MetaMap.Learning.Tests.Algorithms;

public sealed class SupervisedTests
{
    // 100 examples, 80 of them for training.
    private static readonly PatternDataset _patterns = new(classes: 5);

    /// <summary>However a minibatch is cut, it has the gradient of its mean loss; 30 examples make a last minibatch of 20, and slices of 7 a last one of 2.</summary>
    [Theory]
    [InlineData(7, 1)]
    [InlineData(7, 3)]
    [InlineData(10, 2)]
    public void Step_AnySlices_AreTheGradientOfTheMinibatch(int slice, int block)
    {
        MetaState whole = Train(("slice", 30), ("block", 1));
        MetaState cut = Train(("slice", slice), ("block", block));
        Assert.All(whole.Parameters.Values.ToArray().Zip(cut.Parameters.Values.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 2e-5));
        Assert.NotEqual(whole.Parameters.Sha256, cut.Parameters.Sha256);
    }

    [Fact]
    public void Train_AnyLanesAndResumed_GivesTheSameBits()
    {
        RunOptions options = Options(("epochs", 2));
        MetaTraining training = new("test", options, _patterns.Catalog);
        byte[]? checkpoint = null;
        MetaState last = Train(training, 1, training.Begin(_patterns), (state, _) => checkpoint = state.Iteration == 2 ? Checkpoint.Encode(state) : checkpoint);
        Assert.Equal(6, last.Iteration);
        Assert.Equal(last.Parameters.Sha256, Train(training, 3, Checkpoint.Decode(checkpoint, training.Layout, "test")).Parameters.Sha256);
    }

    [Fact]
    public void Train_EasyClasses_AreToldApartAndTheMeasureIsOverExamples()
    {
        MetaTraining training = new("test", Options(("epochs", 12), ("validation_interval", 12)), _patterns.Catalog);
        MetaState last = Train(training, 2, training.Begin(_patterns));
        Assert.InRange(last.Selection!.BestScore, 0.9, 1);
        var drawn = EvaluationEpisodes.Of(training.Options, training.Data, _patterns.Catalog, "test");
        EpisodeEvaluation[] measured = new Evaluator(() => EpisodeLearner.Create(training.Options, _patterns), 2)
            .EvaluateEach(last.Selection.BestParameters, i => drawn[i], drawn.Count(600), 0, baselines: new(training.Options, _patterns));
        EvaluationResult result = EvaluationResult.OfSteps(
            measured, new EpisodeBaselines(training.Options, _patterns).Names, EpisodeTasks.Of([.. Enumerable.Range(0, measured.Length).Select(i => EpisodeUnit.Of(drawn[i]))]))[0];
        Assert.Equal(20, result.Examples);
        Assert.InRange(result.TransductiveAccuracyFraction.Mean, 0.9, 1);
        Assert.Equal(["gradient-histogram centroid", "pixel centroid"], result.Baselines.Select(baseline => baseline.Name));
        Assert.InRange(result.Baselines[1].Measure.Mean, 0.9, 1);
    }

    [Fact]
    public void Options_LeftOpen_AreTheEssays()
    {
        RunOptions options = OptionValues.Of(("algorithm", "supervised"), ("dataset", "mnist")).Resolve();
        ImageOptions pixels = options.Of<ImageOptions>();
        Assert.Equal(("cnn", "sgd", 0.01, 0.5, 0.5), (options.Model, options.MetaOptimizer, options.MetaLr, pixels.PixelMean, pixels.PixelStd));
        Assert.Equal((64, 1), (options.Supervised!.BatchSize, options.Supervised.Epochs));
        string json = RunOptionsJson.Write(options);
        Assert.All(["ways", "shots", "queries", "iterations", "meta_batch"], key => Assert.DoesNotContain($"\"{key}\"", json, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ways")]
    [InlineData("shots")]
    [InlineData("iterations")]
    [InlineData("eval_episodes")]
    public void Resolve_OptionOfEpisodes_IsRefused(string key) => Assert.Contains(
        "none of mnist, supervised, cnn", Assert.Throws<Core.ConfigurationException>(() => OptionValues.Of(("algorithm", "supervised"), ("dataset", "mnist"), (key, 5)).Resolve()).Message, StringComparison.Ordinal);

    /// <summary>The first values of PyTorch's layers: weights and biases within 1 / sqrt(fan-in), and not much smaller.</summary>
    [Fact]
    public void Begin_FirstValues_AreThoseOfPyTorch()
    {
        MetaTraining training = new("test", Options(), _patterns.Catalog);
        foreach ((string layer, int fanIn) in new[] { ("conv", 9), ("hidden", 32 * 49), ("head", 128) })
        {
            double bound = 1 / Math.Sqrt(fanIn);
            foreach (string part in new[] { "weight", "bias" })
            {
                float[] values = training.FirstValues(_patterns)[training.Layout.Entries.ToList().FindIndex(entry => entry.Name == $"{layer}.{part}")].ToArray();
                Assert.All(values, value => Assert.InRange(value, -bound, bound));
                Assert.Contains(values, value => Math.Abs(value) > bound / 2);
            }
        }
    }

    private static MetaState Train(params (string, object?)[] given)
    {
        MetaTraining training = new("test", Options(given), _patterns.Catalog);
        return Train(training, 2, training.Begin(_patterns));
    }

    private static MetaState Train(MetaTraining training, int lanes, MetaState from, Action<MetaState, IterationMetrics>? onCommitted = null)
    {
        using var trainer = new LocalMetaTrainer(training, () => EpisodeLearner.Create(training.Options, _patterns), lanes);
        return trainer.Train(from, onCommitted);
    }

    private static RunOptions Options(params (string, object?)[] given) =>
        OptionValues.Of([("algorithm", "supervised"), ("batch_size", 30), ("meta_lr", 0.05), .. given]).Resolve();
}
