using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Testing;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;
using Xunit.Abstractions;

namespace MetaMap.Learning.Tests.StandIns;

/// <summary>What images are trained with by default against gradient histograms, on the same episodes of classes never trained on, of images in which these tell classes apart far better than pixels.</summary>
[Trait("Category", "Slow")]
public sealed class ImagesAgainstBaselineTests(ITestOutputHelper output) : IDisposable
{
    private const int Episodes = 100;

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_Photographs_BeginsAtTheBaselineAndBeatsIt()
    {
        CaltechLike.Write(_folder.Path, classes: 60, images: 30, seed: 1);
        (double baseline, double before, double after) = Train(("filters", 16), ("iterations", 100), ("meta_batch", 4));
        Assert.True(before > baseline - 0.03, $"before training {before:0.0000}, the baseline {baseline:0.0000}");
        Assert.True(after > baseline, $"after training {after:0.0000}, the baseline {baseline:0.0000}");
    }

    private (double Baseline, double Before, double After) Train(params ReadOnlySpan<(string Key, object? Value)> more)
    {
        RunOptions options = OptionValues.Of(("dataset", "images"), ("shots", 5), ("queries", 5)).With(more).Resolve();
        IEpisodeDataset dataset = options.OpenDataset(_folder.Path);
        MetaTraining training = new("images", options, dataset.Catalog);
        using LocalMetaTrainer trainer = new(training, () => EpisodeLearner.Create(options, dataset), lanes: 1);
        MetaState first = training.Begin(dataset);
        MetaState last = trainer.Train(first);

        EpisodeBaselines baselines = new(options, dataset);
        Episode[] episodes = [.. training.EvaluationBlocks(SplitPart.Test, Episodes).SelectMany(block => block.Episodes)];
        using EpisodeLearner learner = EpisodeLearner.Create(options, dataset);
        double Accuracy(MetaState state) => episodes.Average(episode => learner.Evaluate(state.Parameters, episode, 0).Last.TransductiveAccuracyFraction);
        (double, double, double) measured = (episodes.Average(episode => baselines.Measure(episode)[0]), Accuracy(first), Accuracy(last));
        output.WriteLine($"{options.Model}: baseline {measured.Item1:0.0000}, before {measured.Item2:0.0000}, after {measured.Item3:0.0000}");
        return measured;
    }
}
