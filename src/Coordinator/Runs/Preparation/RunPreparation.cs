using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Stores;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Data.Files;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Preparation;

/// <summary>Opens data and store of runs; slow, never called on an actor's thread.</summary>
/// <param name="settings">The node's settings.</param>
/// <param name="store">Where runs are kept.</param>
/// <param name="time">The node's clock.</param>
internal sealed class RunPreparation(CoordinatorSettings settings, IRunStore store, TimeProvider time)
{
    /// <summary>Claims a run in the store.</summary>
    /// <exception cref="OwnedException">Another coordinator has it.</exception>
    /// <exception cref="ConfigurationException">There is no run of that name, or this version cannot train it.</exception>
    /// <exception cref="DataException">Its data is missing here, every stored state is damaged or gone, or its journal is damaged.</exception>
    public async Task<PreparedRun> Claim(RunId runId)
    {
        StoredRun run = await store.Find(runId.Value).ConfigureAwait(false)
            ?? throw new ConfigurationException($"There is no run {runId} in {store.Location}.");
        (MetaTraining training, IEpisodeDataset dataset) = Open(run.RunId, run.Options, run.DataPath);
        run.Data?.Require(run.RunId, dataset.Catalog);
        string? missing = store.DirectoryOf(run.RunId) is { } directory ? JournalFile.Check(directory) : null;
        IRunHold hold = await store.Claim(run.RunId, training.Layout).ConfigureAwait(false);
        return new PreparedRun(training, hold, run.Policy, dataset, hold.Directory ?? new RunDirectory(Path.Combine(settings.RunsDirectory, run.RunId))) { DataPath = run.DataPath, Missing = missing };
    }

    /// <summary>Opens the data of a run.</summary>
    /// <param name="runId">Its name.</param>
    /// <param name="options">Its options.</param>
    /// <param name="dataPath">What it names in the node's folder of data; null for all of it.</param>
    /// <exception cref="ConfigurationException">The options cannot be trained.</exception>
    /// <exception cref="DataException">The data is missing or does not fit.</exception>
    public (MetaTraining Training, IEpisodeDataset Dataset) Open(string runId, RunOptions options, string? dataPath)
    {
        IEpisodeDataset dataset = options.OpenDatasetIn(settings.DataDirectory, dataPath);
        MetaTraining training = new(runId, options, dataset.Catalog, time);
        return (training, dataset);
    }

    /// <summary>Enters a new run into the store.</summary>
    /// <param name="training">The run.</param>
    /// <param name="policy">How it shares the cluster.</param>
    /// <param name="isAttended">Whether it belongs to the command that trains it.</param>
    /// <param name="dataPath">What it names in each node's folder of data.</param>
    /// <param name="first">The state before its first iteration; null where it follows from options and data.</param>
    /// <exception cref="ConfigurationException">There is a run of that name.</exception>
    public async Task<StoredRun> Enter(MetaTraining training, RunPolicy policy, bool isAttended, string? dataPath, MetaState? first)
    {
        var run = new StoredRun(training.RunId, training.Options, policy, training.Shape, RunStatus.Queued, isAttended, time.GetUtcNow()) { Data = training.Data, DataPath = DataFolder.PathFrom(settings.DataDirectory, dataPath) };
        await store.Create(run, first).ConfigureAwait(false);
        return run;
    }
}
