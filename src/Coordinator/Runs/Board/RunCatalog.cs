using System.Collections.Immutable;
using MetaMap.Coordinator.Stores;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>A run, wherever it is: as this node trains it, or as the store has it.</summary>
/// <param name="Stored">As the store has it; null for one that only this node knows.</param>
/// <param name="Snapshot">As this node trains it, or left it if it has not changed since; null when the store knows more.</param>
internal sealed record CatalogRun(StoredRun? Stored, RunSnapshot? Snapshot)
{
    /// <summary>Its name.</summary>
    public string RunId => Snapshot?.RunId.Value ?? Stored!.RunId;

    /// <summary>Committed iterations.</summary>
    public int Iteration => Snapshot?.State.Iteration ?? Stored!.Iteration;

    /// <summary>True when no further commit will come by itself.</summary>
    public bool IsOver => (Snapshot?.Status ?? Stored!.Status) is RunStatus.Finished or RunStatus.Stopped or RunStatus.Failed;

    /// <summary>What is known of it; another one when anything has changed.</summary>
    public object Seen => (object?)Snapshot ?? Stored!;
}

/// <summary>Finds runs and their models: on this node's board while it trains them, else in the store, which every coordinator shares.</summary>
/// <param name="board">The node's board.</param>
/// <param name="store">The cluster's store.</param>
internal sealed class RunCatalog(RunBoard board, IRunStore store)
{
    private const int MostListed = 20;

    private readonly ModelShelf _shelf = new();
    private readonly SharedReading<ImmutableArray<StoredRun>> _stored = new(store.List);

    /// <summary>All runs, the oldest first, without those that belong to a command elsewhere (<c>metamap train</c>).</summary>
    public async Task<ImmutableArray<CatalogRun>> List() =>
        [.. (await _stored.Take().ConfigureAwait(false)).Where(run => !run.IsAttended || board.Find(new RunId(run.RunId)) is not null).Select(run => Merge(run, board.Find(new RunId(run.RunId))))];

    /// <summary>One run; null when there is none of that name.</summary>
    public async Task<CatalogRun?> Find(string runId)
    {
        RunSnapshot? here = board.Find(new RunId(runId));
        if (here is { Status: RunStatus.Training })
        {
            return new CatalogRun(null, here);
        }

        if (await store.Find(runId).ConfigureAwait(false) is { } stored)
        {
            return Merge(stored, here);
        }

        board.Forget(here is null ? [] : [here]);
        return null;
    }

    /// <summary>Reserves a name for a run that is about to be started; a run that was deleted at another coordinator does not block it.</summary>
    /// <returns>False when a run that this node knows has the name, or it is already reserved.</returns>
    public async Task<bool> TryReserve(RunId runId)
    {
        if (board.Find(runId) is not null)
        {
            await Find(runId.Value).ConfigureAwait(false);
        }

        return board.TryReserve(runId);
    }

    /// <summary>
    /// The run that was started last, on any coordinator; null before the first. While the store does not work, the last of those
    /// that this node trains.
    /// </summary>
    public async Task<CatalogRun?> Current()
    {
        try
        {
            return (await List().ConfigureAwait(false)).LastOrDefault();
        }
        catch (StoreException) when (board.Runs.LastOrDefault(run => run.Status == RunStatus.Training) is { } current)
        {
            return new CatalogRun(null, current);
        }
    }

    /// <summary>A version of a run's model; null when it is not kept.</summary>
    /// <param name="run">The run.</param>
    /// <param name="version">Its iteration; null for the current one.</param>
    public async Task<ModelFile?> Model(CatalogRun run, int? version)
    {
        if (run.Snapshot is { } snapshot && (version ?? snapshot.Model.Iteration) == snapshot.Model.Iteration)
        {
            return snapshot.Model;
        }

        return (run.Stored ?? await store.Find(run.RunId).ConfigureAwait(false)) is { Shape: { } shape } stored
            ? await _shelf.Take(new ModelKey(stored.RunId, stored.Created, version, stored.Iteration, stored.Status), () => Load(stored, shape, version)).ConfigureAwait(false) : null;
    }

    /// <summary>Versions of a run that can be asked for, ascending.</summary>
    public async Task<ImmutableArray<int>> Versions(CatalogRun run) =>
        [.. (await store.Versions(run.RunId).ConfigureAwait(false)).Append(run.Iteration).Distinct().Order()];

    /// <summary>A sentence for who asked for a version that is not kept.</summary>
    public async Task<string> ExplainMissing(CatalogRun run, int version)
    {
        ImmutableArray<int> kept = await Versions(run).ConfigureAwait(false);
        IEnumerable<string> listed = kept.Length <= MostListed ? kept.Select(one => $"{one}")
            : [.. kept.Take(MostListed / 2).Select(one => $"{one}"), "...", .. kept.TakeLast(MostListed / 2).Select(one => $"{one}")];
        return $"Version {version} of run {run.RunId} is not kept; the current version is {run.Iteration}, and those that are kept are {string.Join(", ", listed)}.";
    }

    private async Task<ModelFile?> Load(StoredRun stored, TaskShape shape, int? version)
    {
        try
        {
            ParameterLayout layout = shape.Schema(stored.Options).Layout;
            if (await store.Load(stored.RunId, version, layout).ConfigureAwait(false) is { } state)
            {
                return ModelFile.Of(stored.RunId, stored.Options, shape, stored.Data, state, isFinal: version is null && stored.Status == RunStatus.Finished);
            }

            // The best version is a part of every later state.
            return version is not null && await store.Load(stored.RunId, null, layout).ConfigureAwait(false) is { Selection: { } selection } newest && selection.BestIteration == version
                ? ModelFile.Of(stored.RunId, stored.Options, shape, stored.Data, newest, isFinal: true) : null;
        }
        catch (DataException)
        {
            // A damaged state counts as missing.
            return null;
        }
    }

    /// <summary>Stored lines of a run's measures, in order; the last may not be committed yet.</summary>
    /// <param name="run">The run.</param>
    /// <param name="from">The first iteration.</param>
    /// <param name="most">The most lines.</param>
    public Task<ImmutableArray<string>> Measures(CatalogRun run, int from, int most) => store.Measures(run.RunId, from, most);

    // The snapshot of this node holds until another owner, or a user at another coordinator, has changed the run. For a run that
    // it gave back, the store holds.
    private static CatalogRun Merge(StoredRun stored, RunSnapshot? here) =>
        here is not null && here.Epoch >= stored.Epoch
            && (here.Status == RunStatus.Training || (here.Status == stored.Status && here.Status != RunStatus.Queued))
            ? new CatalogRun(stored, here) : new CatalogRun(stored, null);
}
