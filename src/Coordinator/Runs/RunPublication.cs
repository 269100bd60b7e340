using MetaMap.Coordinator.Stores;
using MetaMap.Core.Configuration;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>Tells the world what is committed: the read model shows durable versions only.</summary>
/// <param name="services">Of the node.</param>
/// <param name="hold">The claimed run.</param>
/// <param name="training">The mathematics of the run.</param>
public sealed class RunPublication(RunServices services, IRunHold hold, MetaTraining training)
{
    private readonly TimeSpan _started = services.Elapsed;
    private long _episodes;
    private IterationMetrics? _metrics;
    private ValidationMetrics? _validation;
    private MetaState _committed = hold.State ?? training.Begin();

    /// <summary>What degrades the run at the moment: the store does not work. Null when nothing does.</summary>
    public string? Problem { get; set; }

    /// <summary>What workers must know of the run.</summary>
    /// <param name="training">The mathematics of the run.</param>
    /// <param name="weight">Its share of each worker, above 0.</param>
    public static RunOpened Opened(MetaTraining training, double weight) => new(
        new RunId(training.RunId), RunOptionsJson.Write(training.Options), training.Catalog.Digest, training.Layout.Digest, weight);

    /// <summary>Publishes a snapshot.</summary>
    public void Publish(RunProgress progress, RunStatus status, string? problem)
    {
        double seconds = (services.Elapsed - _started).TotalSeconds;
        services.Board.Publish(new RunSnapshot(
            new RunId(progress.Training.RunId), status, progress.Training.Options, progress.Training.Shape, _committed,
            _metrics, seconds > 0 ? _episodes / seconds : 0, progress.Results, progress.LastRefusal, hold.Location, problem ?? Problem)
        {
            Validation = _validation, Epoch = hold.Epoch, Counters = progress.Counters, ExcludedWorkers = progress.Round.ExcludedWorkers,
            Waiting = status == RunStatus.Training ? progress.Waiting : null,
        });
    }

    /// <summary>Publishes what has become durable, one snapshot per iteration or measurement.</summary>
    /// <param name="progress">The run.</param>
    /// <param name="state">The newest durable state.</param>
    /// <param name="steps">In order.</param>
    public void Committed(RunProgress progress, MetaState state, IReadOnlyList<CommitStep> steps)
    {
        _committed = state;
        foreach (CommitStep step in steps)
        {
            _metrics = step.Metrics ?? _metrics;
            _validation = step.Validation ?? _validation;
            _episodes += step.Metrics?.CountedEpisodes ?? 0;
            Publish(progress, RunStatus.Training, null);
        }
    }

    /// <summary>The run ends: its newest state is shown even where the store does not work.</summary>
    public void EndsWith(MetaState state) => _committed = state;
}
