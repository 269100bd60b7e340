using System.Collections.Immutable;
using MetaMap.Coordinator.Stores;
using MetaMap.Core;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Parameters;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>A run wherever it is: as this node trains it, or as the store has it.</summary>
/// <param name="Stored">As the store has it; null for one that only this node knows.</param>
/// <param name="Snapshot">As this node trains it, or left it if nothing has become of it since; null when the store knows more.</param>
public sealed record CatalogRun(StoredRun? Stored, RunSnapshot? Snapshot);

/// <summary>Finds runs and their models: on this node's board while it trains them, else in the store, which every coordinator shares.</summary>
/// <param name="board">Of this node.</param>
/// <param name="store">Of the cluster.</param>
public sealed class RunCatalog(RunBoard board, IRunStore store)
{
    /// <summary>All runs, the oldest first.</summary>
    public async Task<ImmutableArray<CatalogRun>> List() =>
        [.. (await store.List().ConfigureAwait(false)).Select(run => Merge(run, board.Find(new RunId(run.RunId))))];

    /// <summary>One run; null when there is none of that name.</summary>
    public async Task<CatalogRun?> Find(string runId)
    {
        RunSnapshot? here = board.Find(new RunId(runId));
        if (here is { Status: RunStatus.Training })
        {
            return new CatalogRun(null, here);
        }

        return await store.Find(runId).ConfigureAwait(false) is { } stored ? Merge(stored, here) : null;
    }

    /// <summary>The run that was started last; null before the first.</summary>
    public async Task<CatalogRun?> Current() => board.Current is { Status: RunStatus.Training } current
        ? new CatalogRun(null, current)
        : (await List().ConfigureAwait(false)).LastOrDefault();

    /// <summary>A version of a run's model; null when it is not kept.</summary>
    /// <param name="run">The run.</param>
    /// <param name="version">Its iteration; null for the current one.</param>
    public async Task<ModelFile?> Model(CatalogRun run, int? version)
    {
        if (run.Snapshot is { } snapshot && (version ?? snapshot.Model.Iteration) == snapshot.Model.Iteration)
        {
            return snapshot.Model;
        }

        StoredRun? stored = run.Stored ?? await store.Find(run.Snapshot!.RunId.Value).ConfigureAwait(false);
        if (stored?.Shape is not { } shape)
        {
            return null;
        }

        try
        {
            ParameterLayout layout = ParameterSchema.For(stored.Options, shape).Layout;
            return await store.Load(stored.RunId, version, layout).ConfigureAwait(false) is { } state
                ? Of(stored, state, version is null) : null;
        }
        catch (DataException)
        {
            // A damaged state is as good as none.
            return null;
        }
    }

    private static ModelFile Of(StoredRun run, MetaState state, bool isCurrent) =>
        isCurrent && run.Phase == RunPhase.Finished && state.Selection is { } selection
            ? new ModelFile(run.RunId, selection.BestIteration, run.Options, run.Shape!.Value, selection.BestParameters)
            : new ModelFile(run.RunId, state.Iteration, run.Options, run.Shape!.Value, state.Parameters);

    // What this node saw last stands until another owner, or a person at another coordinator, has changed the run.
    private static CatalogRun Merge(StoredRun stored, RunSnapshot? here) =>
        here is not null && here.Epoch >= stored.Epoch && (here.Status == RunStatus.Training || RunSnapshot.PhaseOf(here.Status) == stored.Phase)
            ? new CatalogRun(stored, here) : new CatalogRun(stored, null);
}
