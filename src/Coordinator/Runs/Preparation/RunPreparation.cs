using System.Text.Json.Nodes;
using MetaMap.Coordinator.Stores;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Runs.Preparation;

/// <summary>Opens data and store of runs; slow, never called on an actor's thread.</summary>
/// <param name="settings">The node's settings.</param>
/// <param name="store">Where runs are kept.</param>
/// <param name="time">The node's clock.</param>
public sealed class RunPreparation(CoordinatorSettings settings, IRunStore store, TimeProvider time)
{
    /// <summary>Claims a run in the store.</summary>
    /// <exception cref="OwnedException">Another coordinator has it.</exception>
    /// <exception cref="ConfigurationException">There is no run of that name, or this version cannot train it.</exception>
    /// <exception cref="DataException">Its data is missing here, or every stored state is damaged.</exception>
    public async Task<PreparedRun> Claim(RunId runId)
    {
        StoredRun run = await store.Find(runId.Value).ConfigureAwait(false)
            ?? throw new ConfigurationException($"There is no run {runId} in {store.Location}.");
        (MetaTraining training, IEpisodeDataset dataset) = Open(run.RunId, run.Options);
        IRunHold hold = await store.Claim(run.RunId, training.Layout).ConfigureAwait(false);
        return new PreparedRun(training, hold, run.Policy, dataset, hold.Directory ?? new RunDirectory(Path.Combine(settings.RunsDirectory, run.RunId)));
    }

    /// <summary>Refuses to continue a run with options that would have given it other bits.</summary>
    /// <param name="stored">The options that it was trained with.</param>
    /// <param name="trained">Iterations that are stored.</param>
    /// <param name="wanted">The options that it is to be trained with.</param>
    /// <param name="location">Where it is stored, for the message.</param>
    /// <exception cref="ConfigurationException">They differ in more than the length, or it is longer already.</exception>
    public static void CheckResumed(RunOptions stored, int trained, RunOptions wanted, string location)
    {
        if (wanted.Iterations < trained)
        {
            throw new ConfigurationException($"--iterations is {wanted.Iterations}, but {location} has {trained} already; give as many or more.");
        }

        RunOptions allowed = stored with { Iterations = wanted.Iterations, EvalEpisodes = wanted.EvalEpisodes };
        if (allowed != wanted)
        {
            throw new ConfigurationException(
                $"{location} was trained with other options (see its config.json){Difference(RunOptionsJson.Values(allowed), RunOptionsJson.Values(wanted))}; only --iterations and --eval-episodes may change when it goes on.");
        }
    }

    private static string Difference(OptionValues stored, OptionValues wanted) =>
        stored.Keys.Union(wanted.Keys).FirstOrDefault(key => !JsonNode.DeepEquals(stored[key], wanted[key])) is { } key
            ? $": its {key} is {stored[key]?.ToJsonString() ?? "left open"}, not {wanted[key]?.ToJsonString() ?? "left open"}" : "";

    /// <summary>Opens the data of a run.</summary>
    /// <exception cref="ConfigurationException">The options cannot be trained.</exception>
    /// <exception cref="DataException">The data is missing or does not fit.</exception>
    public (MetaTraining Training, IEpisodeDataset Dataset) Open(string runId, RunOptions options)
    {
        IEpisodeDataset dataset = options.OpenDataset(settings.DataDirectory);
        MetaTraining training = new(runId, options, dataset.Catalog, time);
        return (training, dataset);
    }
}
