using Akka.Actor;
using Akka.Cluster;
using MetaMap.Core;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Rounds;
using MetaMap.Core.Training;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>What every run entity of a node shares.</summary>
public sealed class RunServices
{
    private readonly CoordinatorSettings _settings;
    private readonly TimeProvider _time;
    private readonly long _start;

    /// <summary>Creates the services of a node.</summary>
    public RunServices(CoordinatorSettings settings, BlobStore blobs, RunBoard board, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        _start = time.GetTimestamp();
        Blobs = blobs;
        Board = board;
    }

    /// <summary>The node's immutable buffers.</summary>
    public BlobStore Blobs { get; }

    /// <summary>The read model.</summary>
    public RunBoard Board { get; }

    /// <summary>When blocks are leased again.</summary>
    public LeasePolicy LeasePolicy => _settings.LeasePolicy;

    /// <summary>Time between checkpoints.</summary>
    public TimeSpan CheckpointInterval => _settings.CheckpointInterval;

    /// <summary>Monotonic time since the node started.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>One sentence for people about an error; unexpected errors keep their type.</summary>
    public static string Explain(Exception error) => error switch
    {
        AggregateException { InnerException: { } inner } => Explain(inner),
        ConfigurationException or DataException or IOException or UnauthorizedAccessException => error.Message,
        _ => $"{error.GetType().Name}: {error.Message}",
    };

    /// <summary>What a client hears who wants a run evaluated that is not being trained.</summary>
    public static RunRefused NotTraining(RunId runId) => new(
        runId, $"Run {runId} is not being trained, so it has no workers to evaluate it; evaluate its model without --on-cluster.");

    /// <summary>The directory of a run: under its name in the runs directory.</summary>
    public RunDirectory DirectoryOf(RunId runId) => new(Path.Combine(_settings.RunsDirectory, runId.Value));

    /// <summary>Opens data and directory of a run; slow, never called on an actor's thread.</summary>
    /// <exception cref="ConfigurationException">Options that cannot be trained.</exception>
    /// <exception cref="DataException">Data that is missing or does not fit.</exception>
    public PreparedRun Prepare(StartRun start)
    {
        RunOptions options = RunOptionsJson.Read(start.OptionsJson, $"The request to start run {start.RunId}");
        IEpisodeDataset dataset = DatasetRegistry.Open(options, _settings.DataDirectory);
        var training = new MetaTraining(start.RunId.Value, options, dataset.Catalog);
        return new PreparedRun(training, RunStorage.Open(DirectoryOf(start.RunId), training, start.Resume)) { Dataset = dataset };
    }

    /// <summary>The actor that knows the workers of this node.</summary>
    public static ActorSelection Workforce(IActorContext context) => context.ActorSelection($"/user/{Shared.Hosting.Workforce.Name}");

    /// <summary>Where other nodes fetch this node's buffers.</summary>
    public static string BlobHolderPath(ActorSystem system) =>
        BlobHolder.PathAt(Cluster.Get(system).SelfAddress);
}

/// <summary>A run that can begin.</summary>
/// <param name="Training">Its mathematics.</param>
/// <param name="Storage">Its directory, open.</param>
public sealed record PreparedRun(MetaTraining Training, RunStorage Storage)
{
    /// <summary>Its data; null where no episode's content will be asked for.</summary>
    public IEpisodeDataset? Dataset { get; init; }

    /// <summary>Leaves the episode that the run diverged at in its directory.</summary>
    /// <returns>Why the run ended, and where the episode is.</returns>
    public string ExportDiverged(DivergedException diverged)
    {
        try
        {
            return Dataset is not null && DivergedEpisode.Export(Storage.Directory, Training, Dataset, diverged) is { } path
                ? $"{diverged.Message} The episode is in {path}." : diverged.Message;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DataException)
        {
            return $"{diverged.Message} The episode could not be written: {error.Message}";
        }
    }

    /// <summary>For the log.</summary>
    public string Describe()
    {
        RunOptions options = Training.Options;
        return string.Join(" ", Storage.IgnoredCheckpoints.Select(reason => reason + " The checkpoint before it is used.").Append(
            $"Run {Training.RunId}: {options.Algorithm} {options.EpisodeShape()} on {options.Dataset}, iteration "
            + $"{Storage.State.Iteration} of {options.Iterations}, stored in {Storage.Directory.Path}."));
    }
}
