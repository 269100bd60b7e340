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
internal sealed record PreparedRun(MetaTraining Training, IRunHold Hold, RunPolicy Policy, IEpisodeDataset Dataset, RunDirectory Directory)
{
    /// <summary>What it names in each node's folder of data; null for all of it.</summary>
    public string? DataPath { get; init; }

    /// <summary>The state to continue from.</summary>
    public MetaState State { get; } = Hold.State ?? Training.Begin(Dataset);

    /// <summary>What is missing of its past, as a sentence; null when nothing is.</summary>
    public string? Missing { get; init; }

    /// <summary>Which damaged states were skipped, and what is missing, in whole sentences; null when nothing was.</summary>
    public string? Ignored
    {
        get
        {
            string[] sentences = [.. Hold.Ignored.Select(reason => $"{reason} The state before it is used."), .. Missing is { } missing ? [missing] : Array.Empty<string>()];
            return sentences.Length == 0 ? null : string.Join(" ", sentences);
        }
    }

    /// <summary>Whether its length or its fewest workers are to be others from now on.</summary>
    /// <param name="start">What a client wants of the run while it is trained.</param>
    /// <param name="iteration">Committed iterations.</param>
    /// <exception cref="ConfigurationException">It is to begin anew, or with options that would have given it other bits, or a value is out of range.</exception>
    internal bool IsChangedBy(StartRun start, int iteration)
    {
        if (!start.Resume)
        {
            throw new ConfigurationException($"Run {start.RunId} is being trained already; choose another name.");
        }

        RunOptions wanted = RunOptionsJson.ReadOver(Training.Options, start.OptionsJson, $"The request to start run {start.RunId}");
        ResumedRun.Check(Training.Options, iteration, wanted, Hold.Location);
        start.Policy.Validate();
        return (wanted, Policy.Resumed(start.Policy)) != (Training.Options, Policy);
    }

    /// <summary>The setup of its state machine.</summary>
    /// <param name="leases">When blocks are leased again.</param>
    /// <param name="longestPause">The longest pause between two commits.</param>
    /// <param name="kept">Which versions stay stored.</param>
    /// <param name="holder">Where workers fetch parameters.</param>
    /// <param name="workers">Workers that can be reached now.</param>
    internal RunSetup Setup(LeasePolicy leases, TimeSpan longestPause, KeptVersions kept, string holder, int workers) => new(Training, State, Hold.Epoch)
    {
        Sharing = Policy, DataPath = DataPath, Leases = leases, LongestPause = longestPause, Kept = kept, Holder = holder, Location = Hold.Location, Node = Environment.MachineName, Ignored = Ignored, Workers = workers,
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

        foreach (string notice in Training.Catalog.Notices)
        {
            log.Info("run {RunId}: {Notice}", Training.RunId, notice);
        }

        RunOptions options = Training.Options;
        log.Info(
            "Run {RunId}: {Task}, iteration {Iteration} of {Iterations}, stored in {Location}, epoch {Epoch}.",
            Training.RunId, $"{options.Algorithm} {options.EpisodeShape} on {options.Dataset}{(DataPath is null ? "" : $" ({DataPath})")}", State.Iteration, options.Iterations, Hold.Location, Hold.Epoch);
    }
}
