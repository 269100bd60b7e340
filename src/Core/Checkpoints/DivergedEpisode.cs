using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core.Data;
using MetaMap.Core.Episodes;
using MetaMap.Core.Training;

namespace MetaMap.Core.Checkpoints;

/// <summary>The episode that a run diverged at, left in its directory for <c>metamap gradient</c>.</summary>
public static class DivergedEpisode
{
    /// <summary>Writes <c>diverged/iteration-N-episode-I.safetensors</c>.</summary>
    /// <param name="directory">Of the run.</param>
    /// <param name="training">The run.</param>
    /// <param name="dataset">Its data.</param>
    /// <param name="diverged">Why it ended.</param>
    /// <returns>The file; null when no episode is to blame.</returns>
    /// <exception cref="DataException">The dataset cannot be read.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static string? Export(RunDirectory directory, MetaTraining training, IEpisodeDataset dataset, DivergedException diverged)
    {
        if (diverged.EpisodeIndex is not { } index)
        {
            return null;
        }

        string folder = Path.Combine(directory.Path, "diverged");
        string path = Path.Combine(folder, string.Create(
            CultureInfo.InvariantCulture, $"iteration-{diverged.Iteration}-episode-{index}.safetensors"));
        Directory.CreateDirectory(folder);
        var content = EpisodeFile.Of(EpisodeExamples.Load(dataset, training.EpisodeOf(diverged.Iteration, index)));
        DurableFile.Write(path, content.ToSafetensors(ImmutableDictionary<string, string>.Empty
            .Add("run_id", training.RunId)
            .Add("iteration", diverged.Iteration.ToString(CultureInfo.InvariantCulture))
            .Add("episode", index.ToString(CultureInfo.InvariantCulture))));
        return path;
    }
}
