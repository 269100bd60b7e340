using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core;
using MetaMap.Core.Files;
using MetaMap.Data;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Checkpoints;

/// <summary>Writes episodes that a run could not use to its directory, for <c>metamap gradient</c>.</summary>
public static class EpisodeExport
{
    /// <summary>Most quarantined episodes kept per run; later ones are only counted, so that bad data cannot fill the disk.</summary>
    public const int MostQuarantined = 100;

    /// <summary>Writes <c>diverged/iteration-N-episode-I.safetensors</c>: the episode at which the run ended.</summary>
    /// <returns>The file; null when no episode is to blame.</returns>
    /// <exception cref="DataException">The dataset cannot be read.</exception>
    /// <exception cref="IOException">The write fails.</exception>
    public static string? Diverged(RunDirectory directory, MetaTraining training, IEpisodeDataset dataset, DivergedException diverged) =>
        diverged.EpisodeIndex is { } index ? Write(directory.DivergedPath, training, dataset, diverged.Iteration, index, diverged.Message) : null;

    /// <summary>Writes <c>quarantine/iteration-N-episode-I.safetensors</c>: the episode to look at in a block that does not count.</summary>
    /// <returns>The file; null when enough are kept.</returns>
    /// <exception cref="DataException">The dataset cannot be read.</exception>
    /// <exception cref="IOException">The write fails.</exception>
    public static string? Quarantined(RunDirectory directory, MetaTraining training, IEpisodeDataset dataset, QuarantinedBlock block)
    {
        string folder = directory.QuarantinePath;
        return Directory.Exists(folder) && Directory.EnumerateFiles(folder).Skip(MostQuarantined - 1).Any()
            ? null : Write(folder, training, dataset, block.Iteration, block.EpisodeIndex, block.Reason);
    }

    private static string Write(
        string folder, MetaTraining training, IEpisodeDataset dataset, int iteration, int index, string reason)
    {
        string path = Path.Combine(folder, string.Create(
            CultureInfo.InvariantCulture, $"iteration-{iteration}-episode-{index}.safetensors"));
        Directory.CreateDirectory(folder);
        var content = EpisodeFile.Of(EpisodeExamples.LoadForTraining(dataset, training.EpisodeOf(iteration, index), training.Options, iteration));
        DurableFile.Write(path, content.ToSafetensors(ImmutableDictionary<string, string>.Empty
            .Add("run_id", training.RunId)
            .Add("iteration", iteration.ToString(CultureInfo.InvariantCulture))
            .Add("episode", index.ToString(CultureInfo.InvariantCulture))
            .Add("reason", reason)));
        return path;
    }
}
