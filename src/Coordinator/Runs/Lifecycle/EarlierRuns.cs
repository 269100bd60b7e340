using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Lifecycle;

/// <summary>A run that is in the store already when a coordinator starts.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Status">Its status.</param>
/// <param name="Iteration">Committed iterations.</param>
/// <param name="Policy">How it shares the cluster.</param>
public sealed record EarlierRun(RunId RunId, RunStatus Status, int Iteration, RunPolicy Policy);

/// <summary>Finds the run that a command which is given again has started.</summary>
public sealed class EarlierRuns
{
    private readonly IRunStore _store;

    internal EarlierRuns(IRunStore store) => _store = store;

    /// <summary>Those of a folder.</summary>
    public static EarlierRuns InFolder(string folder) => new(new DirectoryStore(folder, TimeProvider.System));

    /// <summary>A run by its name; null when there is none.</summary>
    /// <exception cref="StoreException">The store does not work.</exception>
    public async Task<EarlierRun?> Find(RunId runId) => await _store.Find(runId.Value).ConfigureAwait(false) is { } run ? Of(run) : null;

    /// <summary>The youngest run of a coordinator with these options, on all data that its nodes were given, that is not over; null when there is none.</summary>
    /// <exception cref="StoreException">The store does not work.</exception>
    public async Task<EarlierRun?> Find(RunOptions options) =>
        (await _store.List().ConfigureAwait(false)).LastOrDefault(run => run is { IsAttended: false, DataPath: null, Status: RunStatus.Queued or RunStatus.Training or RunStatus.Paused } && run.Options == options) is { } run ? Of(run) : null;

    private static EarlierRun Of(StoredRun run) => new(new RunId(run.RunId), run.Status, run.Iteration, run.Policy);
}
