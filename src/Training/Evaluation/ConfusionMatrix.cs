using System.Collections.Immutable;
using MetaMap.Data;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Evaluation;

/// <summary>How often queries of each class of an episode were predicted to be of each class.</summary>
/// <param name="Classes">Names, in label order.</param>
/// <param name="Counts">Row by row: true class, then predicted class.</param>
public sealed record ConfusionMatrix(ImmutableArray<string> Classes, ImmutableArray<ImmutableArray<int>> Counts)
{
    /// <summary>Counts an episode's predictions.</summary>
    /// <param name="catalog">Names the classes.</param>
    /// <param name="episode">Its queries are in class-major order.</param>
    /// <param name="predicted">One label per query.</param>
    /// <exception cref="ArgumentException">The number of predictions is not the number of queries.</exception>
    public static ConfusionMatrix Of(DatasetCatalog catalog, Episode episode, IReadOnlyList<long> predicted)
    {
        long[] labels = [.. episode.Classes.SelectMany((c, label) => Enumerable.Repeat((long)label, c.QueryExamples.Length))];
        if (labels.Length != predicted.Count)
        {
            throw new ArgumentException($"The episode has {labels.Length} queries, but there are {predicted.Count} predictions.", nameof(predicted));
        }

        int ways = episode.Classes.Length;
        int[][] counts = [.. Enumerable.Range(0, ways).Select(_ => new int[ways])];
        for (int i = 0; i < labels.Length; i++)
        {
            counts[labels[i]][predicted[i]]++;
        }

        return new ConfusionMatrix(
            [.. episode.Classes.Select(c => Name(catalog, c))], [.. counts.Select(row => row.ToImmutableArray())]);
    }

    private static string Name(DatasetCatalog catalog, EpisodeClass c) =>
        catalog.Classes[c.ClassIndex].Name + (c.QuarterTurns == 0 ? "" : $" turned {90 * c.QuarterTurns}");
}
