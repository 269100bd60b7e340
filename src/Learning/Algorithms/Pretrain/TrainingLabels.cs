using System.Collections.Immutable;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// One label for each training class of a dataset, the same in every episode: its place in the split, and where classes are
/// rotated, four labels for its four quarter turns. Immutable, safe for many threads.
/// </summary>
internal sealed class TrainingLabels
{
    private readonly ImmutableDictionary<int, int> _places;
    private readonly int _turns;

    private TrainingLabels(ImmutableArray<int> trainingClasses, int turns) =>
        (_places, _turns) = (trainingClasses.Select((c, place) => (c, place)).ToImmutableDictionary(pair => pair.c, pair => pair.place), turns);

    /// <summary>The labels of a run.</summary>
    /// <param name="options">Resolved.</param>
    /// <param name="catalog">The run's dataset.</param>
    public static TrainingLabels Of(RunOptions options, DatasetCatalog catalog) => new(
        ClassSplitter.Split(catalog, options.Split, options.Seed).Train, catalog.RotatesClasses ? 4 : 1);

    /// <summary>The label of a class, from 0.</summary>
    /// <exception cref="ArgumentException">It is not a training class.</exception>
    public long this[EpisodeClass episodeClass] => _places.TryGetValue(episodeClass.ClassIndex, out int place)
        ? (long)place * _turns + episodeClass.QuarterTurns
        : throw new ArgumentException(
            $"Class {episodeClass.ClassIndex} is none of the {_places.Count} training classes, so it has no label to train on.", nameof(episodeClass));

    /// <summary>Labels of an episode's support examples, then of its query examples, each class by class.</summary>
    public long[] Of(Episode episode) =>
    [
        .. episode.Classes.SelectMany(c => Enumerable.Repeat(this[c], c.SupportExamples.Length)),
        .. episode.Classes.SelectMany(c => Enumerable.Repeat(this[c], c.QueryExamples.Length)),
    ];
}
