using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using MetaMap.Core.Options;
using MetaMap.Data.Glyphs;
using MetaMap.Learning;
using MetaMap.Learning.Models;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Cluster.Tests;

/// <summary>A run that takes seconds, as options and as a command line, and the hash that every cluster must reach.</summary>
internal static class SmallRun
{
    private static readonly ConcurrentDictionary<int, Lazy<string>> _local = new();

    public static RunOptions Options { get; } = OptionValues.Of(("dataset", "paced-glyphs"), ("filters", 8), ("queries", 2), ("meta_batch", 6), ("block", 2), ("iterations", 40), ("eval_episodes", 0), ("seed", 7), ("meta_lr_final", 0.0005)).Resolve();

    /// <summary>SHA-256 of the model that the bare local loop trains.</summary>
    public static string LocalSha256 => LocalSha256Of(Options.Iterations);

    /// <summary>SHA-256 of the model that the bare local loop trains in so many iterations; trained once.</summary>
    public static string LocalSha256Of(int iterations) => _local.GetOrAdd(iterations, length => new Lazy<string>(() => TrainLocally(length))).Value;

    /// <summary>The run's options for any command, with another length if wanted.</summary>
    public static string[] Arguments(int? iterations, params string[] more) =>
    [
        "--dataset", Options.Dataset, "--filters", Text(Options.Of<Conv4Options>().Filters), "--queries", Text(Options.Queries), "--meta-batch", Text(Options.MetaBatch),
        "--block", Text(Options.Block), "--iterations", Text(iterations ?? Options.Iterations),
        "--seed", Text((int)Options.Seed), "--meta-lr-final", Options.MetaLrFinal!.Value.ToString(CultureInfo.InvariantCulture), .. more,
    ];

    public static string[] Train(params string[] more) => ["train", "--json", "--eval-episodes", Text(Options.EvalEpisodes), .. Arguments(null, more)];

    public static bool IsIteration(JsonElement element, int iteration) =>
        element.GetProperty("event").GetString() == "iteration" && element.GetProperty("iteration").GetInt32() >= iteration;

    public static void AssertSameBits(JsonElement finished)
    {
        Assert.Equal("finished", finished.GetProperty("event").GetString());
        Assert.Equal(LocalSha256, finished.GetProperty("model_sha256").GetString());
    }

    private static string TrainLocally(int iterations)
    {
        GlyphDataset dataset = new();
        MetaTraining training = new("local", Options with { Iterations = iterations }, dataset.Catalog);
        using LocalMetaTrainer trainer = new(training, () => EpisodeLearner.Create(training.Options, dataset), lanes: 2);
        return trainer.Train(training.Begin()).Parameters.Sha256;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
