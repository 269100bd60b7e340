using Akka.Event;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>Tells the world what a run entity has committed: the read model, the metrics file, and checkpoints in the background.</summary>
public sealed class RunPublication
{
    private readonly RunServices _services;
    private readonly RunStorage _storage;
    private readonly ILoggingAdapter _log;
    private readonly TimeSpan _started;
    private TimeSpan _lastSave;
    private int _savedIteration = -1;
    private Task _saving = Task.CompletedTask;
    private long _episodes;
    private string? _problem;
    private IterationMetrics? _metrics;
    private ValidationMetrics? _validation;

    /// <summary>Begins with nothing committed here.</summary>
    public RunPublication(RunServices services, RunStorage storage, ILoggingAdapter log)
    {
        (_services, _storage, _log) = (services, storage, log);
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
            new RunId(progress.Training.RunId), status, progress.Training.Options, progress.Training.Shape, progress.State,
            _metrics, seconds > 0 ? _episodes / seconds : 0, progress.Results, progress.LastRefusal, _storage.Directory.Path, problem ?? _problem) { Validation = _validation });
    }

    /// <summary>Records a commit.</summary>
    public void Committed(RunProgress progress, IterationMetrics metrics)
    {
        _metrics = metrics;
        _episodes += metrics.CountedEpisodes;
        Write(() => _storage.Append(metrics));
        Publish(progress, RunStatus.Training, null);
    }

    /// <summary>Records a measurement on the validation classes.</summary>
    public void Validated(RunProgress progress, ValidationMetrics metrics)
    {
        _validation = metrics;
        Write(() => _storage.Append(metrics));
        Publish(progress, RunStatus.Training, null);
    }

    /// <summary>True when the checkpoint interval is over and no checkpoint is being written.</summary>
    public bool IsSaveDue(RunProgress progress) => _saving.IsCompleted && !progress.IsValidationDue
        && progress.State.Iteration > _savedIteration && _services.Elapsed - _lastSave >= _services.CheckpointInterval;

    /// <summary>Writes a checkpoint off the actor's thread, after the one that is being written: two never mix, and the newest stays.</summary>
    /// <returns>Null, or a sentence about what went wrong; the older checkpoints stay.</returns>
    public Task<string?> Save(RunProgress progress)
    {
        _lastSave = _services.Elapsed;
        _savedIteration = progress.State.Iteration;
        Task<string?> save = SaveAfter(_saving, progress);
        _saving = save;
        return save;
    }

    /// <summary>A checkpoint was written, or could not be.</summary>
    public void Saved(string? problem)
    {
        _problem = null;
        if (problem is not null)
        {
            Degrade(problem);
        }
    }

    private async Task<string?> SaveAfter(Task before, RunProgress progress)
    {
        await before.ConfigureAwait(false);
        return await Task.Run(() => Store(progress)).ConfigureAwait(false);
    }

    private string? Store(RunProgress progress)
    {
        MetaTraining training = progress.Training;
        try
        {
            ModelFile model = new(training.RunId, progress.State.Iteration, training.Options, training.Shape, progress.State.Parameters);
            _storage.Directory.Save(progress.State, progress.IsFinished && progress.State.Selection is { } best
                ? model with { Iteration = best.BestIteration, Parameters = best.BestParameters } : model);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"The checkpoint of iteration {progress.State.Iteration} could not be written: {error.Message} The checkpoint before it stays.";
        }
    }

    private void Write(Action append)
    {
        try
        {
            append();
        }
        catch (IOException error)
        {
            Degrade($"{_storage.Directory.MetricsPath} cannot be written: {error.Message}");
        }
    }

    private void Degrade(string problem)
    {
        _problem = problem;
        _log.Warning(problem);
    }
}
