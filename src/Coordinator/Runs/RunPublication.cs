using Akka.Event;
using MetaMap.Core.Configuration;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>Tells the world what a run entity has committed: the read model, the metrics file, and checkpoints in the background.</summary>
public sealed class RunPublication
{
    private readonly RunServices _services;
    private readonly string _directory;
    private readonly TimeSpan _started;
    private TimeSpan _lastSave;
    private int _savedIteration = -1;
    private long _episodes;
    private bool _isSaving;
    private string? _problem;
    private IterationMetrics? _metrics;

    /// <summary>Begins with nothing committed here.</summary>
    public RunPublication(RunServices services, string directory)
    {
        _services = services;
        _directory = directory;
        _started = services.Elapsed;
        _lastSave = services.Elapsed;
    }

    /// <summary>What workers must know of the run.</summary>
    public static RunOpened Opened(RunProgress progress) => new(
        new RunId(progress.Training.RunId), RunOptionsJson.Write(progress.Training.Options),
        progress.Training.Catalog.Digest, progress.Training.Layout.Digest);

    /// <summary>Publishes a snapshot.</summary>
    public void Publish(RunProgress progress, RunStatus status, string? problem)
    {
        double seconds = (_services.Elapsed - _started).TotalSeconds;
        _services.Board.Publish(new RunSnapshot(
            new RunId(progress.Training.RunId), status, progress.Training.Options, progress.Training.Catalog.Image, progress.State,
            _metrics, seconds > 0 ? _episodes / seconds : 0, progress.Results, progress.LastRefusal, _directory, problem ?? _problem));
    }

    /// <summary>Records a commit.</summary>
    public void Committed(RunProgress progress, IterationMetrics metrics, RunStorage storage, ILoggingAdapter log)
    {
        _metrics = metrics;
        _episodes += metrics.CountedEpisodes;
        try
        {
            storage.Append(metrics);
        }
        catch (IOException error)
        {
            Degrade($"{storage.Directory.MetricsPath} cannot be written: {error.Message}", log);
        }

        Publish(progress, RunStatus.Training, null);
    }

    /// <summary>True when the checkpoint interval is over and no checkpoint is being written.</summary>
    public bool IsSaveDue(RunProgress progress) =>
        !_isSaving && progress.State.Iteration > _savedIteration && _services.Elapsed - _lastSave >= _services.CheckpointInterval;

    /// <summary>Writes a checkpoint off the actor's thread.</summary>
    /// <returns>Null, or a sentence about what went wrong; the older checkpoints stay.</returns>
    public Task<string?> Save(RunProgress progress, RunStorage storage)
    {
        _isSaving = true;
        _lastSave = _services.Elapsed;
        _savedIteration = progress.State.Iteration;
        RunSnapshot snapshot = _services.Board.Find(new RunId(progress.Training.RunId))!;
        return Task.Run(() =>
        {
            try
            {
                storage.Directory.Save(progress.State, snapshot.Model with { Iteration = progress.State.Iteration, Parameters = progress.State.Parameters });
                return null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return $"The checkpoint of iteration {progress.State.Iteration} could not be written: {error.Message} Training goes on; the checkpoint before it stays.";
            }
        });
    }

    /// <summary>A checkpoint was written, or could not be.</summary>
    public void Saved(string? problem, ILoggingAdapter log)
    {
        _isSaving = false;
        _problem = null;
        if (problem is not null)
        {
            Degrade(problem, log);
        }
    }

    private void Degrade(string problem, ILoggingAdapter log)
    {
        _problem = problem;
        log.Warning(problem);
    }
}
