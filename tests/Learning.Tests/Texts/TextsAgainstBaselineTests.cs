using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Testing;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;
using Xunit.Abstractions;

namespace MetaMap.Learning.Tests.Texts;

/// <summary>What a user of texts gets without an option against the baseline on the same episodes, of labels never trained on.</summary>
public sealed class TextsAgainstBaselineTests(ITestOutputHelper output) : IDisposable
{
    private const int Episodes = 100;

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("English")]
    [InlineData("Chinese")]
    public void Train_IntentsWithSharedWords_BeginsAtTheBaselineAndGetsBetter(string language)
    {
        File.WriteAllLines(_folder["texts.tsv"], language == "English" ? IntentTexts.English() : IntentTexts.Chinese());
        RunOptions options = OptionValues.Of(
            ("dataset", "text"), ("shots", 5), ("queries", 5), ("iterations", 25)).Resolve();
        IEpisodeDataset dataset = options.OpenDataset(_folder["texts.tsv"]);
        MetaTraining training = new("texts", options, dataset.Catalog);
        using LocalMetaTrainer trainer = new(training, () => EpisodeLearner.Create(options, dataset), lanes: 1);
        MetaState first = training.Begin(dataset);
        MetaState last = trainer.Train(first);

        EpisodeBaselines baselines = new(options, dataset);
        var sampler = EpisodeSampler.For(options, dataset.Catalog);
        Episode[] episodes = [.. Enumerable.Range(0, Episodes).Select(index => sampler.Sample(SplitPart.Test, 0, index))];
        double baseline = episodes.Average(episode => baselines.Measure(episode)[0]);
        using EpisodeLearner learner = EpisodeLearner.Create(options, dataset);
        double Accuracy(MetaState state) => episodes.Average(episode => learner.Evaluate(state.Parameters, episode, 0).Last.InductiveAccuracyFraction);
        (double before, double after) = (Accuracy(first), Accuracy(last));
        output.WriteLine($"baseline {baseline:0.0000}, before {before:0.0000}, after {after:0.0000}");
        Assert.True(before > baseline - 0.02, $"before training {before:0.0000}, the baseline {baseline:0.0000}");
        Assert.True(after > baseline + 0.02, $"after training {after:0.0000}, the baseline {baseline:0.0000}");
    }
}
