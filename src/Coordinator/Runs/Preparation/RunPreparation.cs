using Akka.Event;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Coordinator.Stores;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Preparation;

/// <summary>A run that is ready to train: its data is open, and this node has claimed it.</summary>
/// <param name="Training">Its mathematics.</param>
/// <param name="Hold">This node's hold on it.</param>
/// <param name="Policy">How it shares the cluster.</param>
/// <param name="Dataset">Its data.</param>
/// <param name="Directory">Directory for its files on this node.</param>
public sealed record PreparedRun(MetaTraining Training, IRunHold Hold, RunPolicy Policy, IEpisodeDataset Dataset, RunDirectory Directory)
{
    /// <summary>The state to continue from.</summary>
    public MetaState State => Hold.State ?? Training.Begin();

    /// <summary>Which damaged states were skipped; null when none was.</summary>
    public string? Ignored => Hold.Ignored.IsEmpty ? null : string.Join(" ", Hold.Ignored.Select(reason => reason + " The state before it is used."));

    /// <summary>The setup of its state machine.</summary>
    /// <param name="leases">When blocks are leased again.</param>
    /// <param name="longestPause">The longest pause between two commits.</param>
    /// <param name="holder">Where workers fetch parameters.</param>
    internal RunSetup Setup(LeasePolicy leases, TimeSpan longestPause, string holder) => new(Training, State, Hold.Epoch)
    {
        Sharing = Policy, Leases = leases, LongestPause = longestPause, Holder = holder, Location = Hold.Location, Node = Environment.MachineName, Ignored = Ignored,
    };

    /// <summary>Writes the episode at which the run diverged to its directory.</summary>
    /// <returns>Why the run ended, and where the episode is.</returns>
    public string ExportDiverged(DivergedException diverged)
    {
        try
        {
            return EpisodeExport.Diverged(Directory, Training, Dataset, diverged) is { } path
                ? $"{diverged.Message} The episode is in {path}." : diverged.Message;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DataException)
        {
            return $"{diverged.Message} The episode could not be written: {error.Message}";
        }
    }

    /// <summary>Writes the episode of a quarantined block to the run's directory.</summary>
    /// <returns>Why the block does not count, and where its episode is.</returns>
    public string ExportQuarantined(QuarantinedBlock block)
    {
        string reason = $"Run {Training.RunId} goes on without a block: {block.Reason}.";
        try
        {
            return EpisodeExport.Quarantined(Directory, Training, Dataset, block) is { } path ? $"{reason} Episode {block.EpisodeIndex} is in {path}." : reason;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DataException)
        {
            return $"{reason} Episode {block.EpisodeIndex} could not be written: {error.Message}";
        }
    }

    /// <summary>Logs what begins, and from where.</summary>
    public void Describe(ILoggingAdapter log)
    {
        if (Ignored is { } ignored)
        {
            log.Warning("run {RunId}: {Ignored}", Training.RunId, ignored);
        }

        RunOptions options = Training.Options;
        log.Info(
            "Run {RunId}: {Task}, iteration {Iteration} of {Iterations}, stored in {Location}, epoch {Epoch}.",
            Training.RunId, $"{options.Algorithm} {options.EpisodeShape} on {options.Dataset}", State.Iteration, options.Iterations, Hold.Location, Hold.Epoch);
    }
}

/// <summary>Opens data and store of runs; slow, never called on an actor's thread.</summary>
/// <param name="settings">The node's settings.</param>
/// <param name="store">Where runs are kept.</param>
public sealed class RunPreparation(CoordinatorSettings settings, IRunStore store)
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
        return new PreparedRun(training, hold, run.Policy, dataset, new RunDirectory(Path.Combine(settings.RunsDirectory, run.RunId)));
    }

    /// <summary>Refuses to continue a run with options that would have given it other bits.</summary>
    /// <param name="stored">The options that it was trained with.</param>
    /// <param name="wanted">The options that it is to be trained with.</param>
    /// <param name="location">Where it is stored, for the message.</param>
    /// <exception cref="ConfigurationException">They differ in more than the length.</exception>
    public static void CheckResumed(RunOptions stored, RunOptions wanted, string location)
    {
        if (stored with { Iterations = wanted.Iterations, EvalEpisodes = wanted.EvalEpisodes } != wanted)
        {
            throw new ConfigurationException(
                $"{location} was trained with other options (see its config.json); only --iterations and --eval-episodes may change on --resume.");
        }
    }

    /// <summary>Opens the data of a run.</summary>
    /// <exception cref="ConfigurationException">The options cannot be trained.</exception>
    /// <exception cref="DataException">The data is missing or does not fit.</exception>
    public (MetaTraining Training, IEpisodeDataset Dataset) Open(string runId, RunOptions options)
    {
        IEpisodeDataset dataset = options.OpenDataset(settings.DataDirectory);
        MetaTraining training = new(runId, options, dataset.Catalog);
        return (training, dataset);
    }
}
