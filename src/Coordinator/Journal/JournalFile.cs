using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Core;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Coordinator.Journal;

/// <summary>The journal in a run's directory: read for an audit, and looked at before a run goes on.</summary>
public static class JournalFile
{
    /// <summary>Its lines, without one that an interrupted write has left unfinished at the end.</summary>
    /// <param name="directory">The run's.</param>
    /// <exception cref="DataException">There is none that can be read, or it is empty.</exception>
    public static IReadOnlyList<string> Read(RunDirectory directory)
    {
        try
        {
            return !File.Exists(directory.JournalPath) ? throw new DataException($"{directory.Path} has no journal: there is no file {directory.JournalPath}.")
                : LinesOf(directory) is { IsEmpty: false } lines ? lines : throw new DataException($"The journal {directory.JournalPath} is empty, so it shows nothing.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{directory.Path} has no journal that can be read: {error.Message}", error);
        }
    }

    /// <summary>Refuses to go on with a run whose past cannot be shown, or whose committed iterations would be committed again from the first on.</summary>
    /// <param name="directory">The run's.</param>
    /// <returns>A sentence on what is missing, for log and journal; null when nothing is.</returns>
    /// <exception cref="DataException">The journal is damaged, or no checkpoint is left of what was committed.</exception>
    public static string? Check(RunDirectory directory)
    {
        ImmutableArray<int> kept = directory.KeptIterations();
        int committed = Committed(directory);
        if (kept.IsEmpty)
        {
            return committed == 0 ? null : throw new DataException(string.Create(CultureInfo.InvariantCulture,
                $"{directory.Path} holds no checkpoint, although iteration {committed} was committed, and no run commits an iteration twice: restore a copy of its folder checkpoints, or train a new run with its options (--config {directory.ConfigPath}) in another folder."));
        }

        return !File.Exists(directory.JournalPath) && kept[0] > 0 ? string.Create(CultureInfo.InvariantCulture, $"The journal {directory.JournalPath} is missing; a new one begins at iteration {kept[0]}.")
            : kept[0] < committed ? string.Create(CultureInfo.InvariantCulture, $"{directory.Path} holds no checkpoint after iteration {kept[0]}, although iteration {committed} was committed; it goes on from iteration {kept[0]}.")
            : null;
    }

    /// <summary>The latest iteration that a claim or a commit names; without a journal, that of the measures.</summary>
    private static int Committed(RunDirectory directory)
    {
        if (!File.Exists(directory.JournalPath))
        {
            return directory.LastMeasured;
        }

        int committed = 0;
        int number = 0;
        foreach (string line in LinesOf(directory))
        {
            number++;
            JournalEntry entry = JournalEntry.Read(line) ?? throw new DataException(string.Create(CultureInfo.InvariantCulture,
                $"The journal {directory.JournalPath} is damaged: line {number} is no entry. Restore a copy of it, or move it away and resume again: the run then goes on from its newest checkpoint with a new journal, which says so."));
            committed = entry.Event is JournalEvent.Claimed or JournalEvent.Committed ? entry.Iteration : committed;
        }

        return committed;
    }

    // What a crash leaves of a line begins like one, or holds nothing yet.
    private static ImmutableArray<string> LinesOf(RunDirectory directory) =>
        [.. directory.Journal.From(_ => false), .. directory.Journal.Unfinished().TrimStart('\0') is not ("" or ['{', ..]) and var tail ? [tail] : Array.Empty<string>()];
}
