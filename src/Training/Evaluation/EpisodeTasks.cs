using MetaMap.Training.Episodes;

namespace MetaMap.Training.Evaluation;

/// <summary>
/// Which episodes of an evaluation are of the same task: those of the same classes, in whatever order and however turned, or of the
/// same curve, user or table in a regression. They share what is hard about it, so they are not independent.
/// </summary>
/// <param name="OfEpisode">The number of each episode's task, from 0, in the order of the episodes.</param>
/// <param name="Count">How many tasks there are.</param>
public sealed record EpisodeTasks(IReadOnlyList<int> OfEpisode, int Count)
{
    /// <summary>Examples of each slice of a supervised evaluation, which has examples instead of tasks; empty otherwise.</summary>
    public IReadOnlyList<int> Slices { get; init; } = [];

    /// <summary>Names the task of an episode.</summary>
    public static string NameOf(Episode episode) => string.Join(' ', episode.Classes.Select(one => one.ClassIndex).Order());

    /// <summary>Every episode is a task of its own.</summary>
    /// <param name="episodes">Number of episodes.</param>
    public static EpisodeTasks Distinct(int episodes) => new([.. Enumerable.Range(0, episodes)], episodes);

    /// <summary>Numbers the tasks of episodes, or knows the sizes of slices.</summary>
    /// <param name="units">Of one kind.</param>
    public static EpisodeTasks Of(IReadOnlyList<EpisodeUnit> units) => units.Any(unit => unit.Examples > 0)
        ? Distinct(units.Count) with { Slices = [.. units.Select(unit => unit.Examples)] } : Of(units.Select(unit => unit.Task));

    /// <summary>Numbers tasks.</summary>
    /// <param name="names">The name of each episode's task.</param>
    public static EpisodeTasks Of(IEnumerable<string> names)
    {
        Dictionary<string, int> numbers = [];
        int[] tasks = [.. names.Select(name => numbers.TryGetValue(name, out int number) ? number : numbers[name] = numbers.Count)];
        return new EpisodeTasks(tasks, numbers.Count);
    }
}

/// <summary>What an interval is over: the task of an episode, or the examples of a slice.</summary>
/// <param name="Task">Names the task; empty for a slice.</param>
/// <param name="Examples">Examples of a slice; 0 for a task.</param>
public readonly record struct EpisodeUnit(string Task, int Examples)
{
    /// <summary>The unit of an episode.</summary>
    public static EpisodeUnit Of(Episode episode) => episode.IsSlice ? new("", episode.Queries) : new(EpisodeTasks.NameOf(episode), 0);
}
