using System.Collections.Immutable;
using System.Diagnostics;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Computations;

/// <summary>Loads episodes of a run, one by one, and names the one that an error came from.</summary>
/// <param name="options">The run's.</param>
/// <param name="dataset">Where their content is.</param>
/// <param name="outputs">Outputs of the run's network; null where it does without.</param>
internal sealed class EpisodeSource(RunOptions options, IEpisodeDataset dataset, int? outputs)
{
    /// <summary>Key of <see cref="Exception.Data"/> under which an error names its episode.</summary>
    public const string FailedEpisode = "episode";

    /// <summary>Their catalog.</summary>
    public DatasetCatalog Catalog => dataset.Catalog;

    /// <summary>How long loading has taken so far.</summary>
    public TimeSpan Loading { get; private set; }

    /// <summary>The content of an episode.</summary>
    /// <exception cref="ArgumentException">It does not fit the network.</exception>
    public EpisodeExamples Load(Episode episode) => Read(episode, () => EpisodeExamples.Load(dataset, episode));

    /// <summary>The content of a training episode, changed at random where the run asks for it.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="iteration">The meta-iteration that trains on it, from 1.</param>
    /// <exception cref="ArgumentException">It does not fit the network.</exception>
    public EpisodeExamples LoadForTraining(Episode episode, int iteration) => Read(episode, () => EpisodeExamples.LoadForTraining(dataset, episode, options, iteration));

    /// <summary>Computes the episodes of a block one after the other.</summary>
    /// <param name="block">The block.</param>
    /// <param name="compute">Computes one.</param>
    /// <param name="cancellation">Checked before each.</param>
    public static ImmutableArray<EpisodeMetrics> OneAfterTheOther(EpisodeBlock block, Func<Episode, EpisodeMetrics> compute, CancellationToken cancellation)
    {
        var metrics = ImmutableArray.CreateBuilder<EpisodeMetrics>(block.Episodes.Length);
        foreach (Episode episode in block.Episodes)
        {
            cancellation.ThrowIfCancellationRequested();
            metrics.Add(Named(episode, () => compute(episode)));
        }

        return metrics.MoveToImmutable();
    }

    private EpisodeExamples Read(Episode episode, Func<EpisodeExamples> load)
    {
        long began = Stopwatch.GetTimestamp();
        EpisodeExamples examples = Named(episode, () => dataset.Catalog.IsRegression || outputs is null || episode.Classes.Length == outputs
            ? load()
            : throw new ArgumentException($"Episode {episode.Index} has {episode.Classes.Length} classes, but the model has {outputs} outputs.", nameof(episode)));
        Loading += Stopwatch.GetElapsedTime(began);
        return examples;
    }

    private static T Named<T>(Episode episode, Func<T> compute)
    {
        try
        {
            return compute();
        }
        catch (Exception error)
        {
            error.Data[FailedEpisode] = episode.Index;
            throw;
        }
    }
}
