using System.Collections.Immutable;
using MetaMap.Coordinator.Stores;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Lifecycle;

/// <summary>Decides which runs are trained and which wait. Pure.</summary>
internal static class RunAdmission
{
    /// <summary>The names of the runs whose turn it is: those that have an owner keep their place, the others follow in the order of their start.</summary>
    /// <param name="runs">All runs.</param>
    /// <param name="limit">Most runs that are trained at once.</param>
    public static ImmutableHashSet<string> Admitted(IEnumerable<StoredRun> runs, int limit) =>
    [
        .. runs.Where(run => run is { Status: RunStatus.Queued or RunStatus.Training, IsAttended: false })
            .OrderBy(run => run.Owner is null).ThenBy(run => run.Created).ThenBy(run => run.RunId, StringComparer.Ordinal)
            .Take(limit).Select(run => run.RunId),
    ];
}
