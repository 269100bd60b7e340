using System.Collections.Immutable;

namespace MetaMap.Data;

/// <summary>Classes with fewer examples than an episode needs, which no episode is drawn from.</summary>
public static class SmallClasses
{
    /// <summary>Whether a class has examples for shots and queries.</summary>
    public static bool Suffices(this EpisodeShape episode, DatasetClass item) => item.ExampleCount >= (long)episode.Shots + episode.Queries;

    /// <summary>The sentence that says how many there are; nothing where there are none.</summary>
    /// <param name="classes">The classes of a dataset.</param>
    /// <param name="episode">The form of the run's episodes.</param>
    /// <param name="examples">What examples are called.</param>
    public static IEnumerable<string> Notices(ImmutableArray<DatasetClass> classes, EpisodeShape episode, string examples)
    {
        int count = classes.Count(item => !episode.Suffices(item));
        if (count > 0)
        {
            yield return $"{count} of {classes.Length} classes {(count == 1 ? "has" : "have")} fewer than {(long)episode.Shots + episode.Queries} {examples} and {(count == 1 ? "is" : "are")} left out";
        }
    }
}
