using Akka.Actor;
using Akka.Event;
using MetaMap.Coordinator.Journal;
using MetaMap.Core.Checkpoints;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>Trainer to its entity: the run is over here.</summary>
/// <param name="Status">Where it stands; null when another coordinator has taken it over.</param>
/// <param name="Iteration">Committed iterations.</param>
public sealed record TrainingEnded(RunStatus? Status, int Iteration);

/// <summary>
/// Trains one run: leases blocks to workers, takes their results in, and has iterations committed and published.
/// Decides nothing itself: <see cref="RunProgress"/> does.
/// </summary>
public sealed partial class RunTrainer : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _tickInterval = TimeSpan.FromSeconds(1);

    private readonly RunServices _services;
    private readonly PreparedRun _run;
    private readonly Action _begun;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly RunPublication _publication;
    private readonly RunJournal _journal;
    private readonly RunCommits _commits;
    private readonly RunExchange _exchange;
    private readonly GradientIntake _intake;
    private readonly BlobFetches _fetches;
    private readonly RunEvaluations _evaluations;
    private RunProgress _progress;

    /// <summary>Begins training.</summary>
    /// <param name="services">Of the node.</param>
    /// <param name="run">Open and claimed.</param>
    /// <param name="begun">Called once the run is to be seen.</param>
    public RunTrainer(RunServices services, PreparedRun run, Action begun)
    {
        (_services, _run, _begun) = (services, run, begun);
        _progress = RunProgress.From(run.Training, run.State, services.LeasePolicy, run.Policy);
        _publication = new RunPublication(services, run.Hold, run.Training);
        _journal = new RunJournal(run.Hold.Epoch, services.Time);
        _commits = new RunCommits(run.Hold, _journal, () => services.Elapsed, services.Settings.CheckpointInterval);
        _exchange = new RunExchange(RunId, services.Blobs, RunServices.BlobHolderPath(Context.System), RunServices.Workforce(Context), Self, _journal);
        _fetches = new BlobFetches(Context, services.Blobs.Gate);
        _intake = new GradientIntake(services.Blobs, result => _fetches.Fetch(result.Gradient, result.GradientHolder), _exchange.Reply, () => services.Elapsed);
        _evaluations = new RunEvaluations(_exchange, services.Blobs, () => services.Elapsed, run.Hold.Epoch);
        Become(Training);
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private RunId RunId => new(_progress.Training.RunId);

    private ModelFile Model => new(
        RunId.Value, _progress.State.Iteration, _progress.Training.Options, _progress.Training.Shape, _progress.State.Parameters);

    /// <inheritdoc />
    protected override void PreStart()
    {
        _run.Describe(_log);
        _journal.Claimed(_progress.State.Iteration, _run.Ignored);
        _exchange.Offer(_progress.State.Parameters);
        _publication.Publish(_progress, RunStatus.Training, null);
        _begun();
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, _tickInterval);
        if (_progress.IsFinished)
        {
            End(RunStatus.Finished, null);
            return;
        }

        _journal.Opened(_progress.Round);
        _exchange.Open(RunPublication.Opened(_run.Training, _run.Policy.Weight));
    }

    /// <inheritdoc />
    protected override void PostStop() => _exchange.Withdraw();

    private void Training()
    {
        Receive<RequestBlocks>(request =>
        {
            if (_exchange.Know(request.WorkerId, Sender))
            {
                // The workforce tells of workers that leave; this one may ask once more after that.
                Context.Watch(Sender);
                _journal.Joined(_progress.State.Iteration, request.WorkerId, request.Kernels);
            }

            Advance(_progress.Offer(request.WorkerId, request.Lanes));
        });
        Receive<BlockAdapted>(result => Advance(_intake.Received(_progress, result)));
        Receive<BlobFetched>(fetched =>
        {
            _fetches.Ended(fetched.Blob);
            Advance(_intake.Fetched(_progress, fetched));
        });
        Receive<BlobFetchFailed>(failed =>
        {
            _fetches.Ended(failed.Blob);
            Advance(_intake.Missed(_progress, failed));
        });
        Receive<BlockFailed>(failed =>
        {
            _journal.Failed(failed);
            _log.Warning(
                "run {RunId}, iteration {Iteration}, block {Block} failed on worker {WorkerId}: {Reason}",
                failed.RunId, failed.Iteration, failed.BlockIndex, failed.WorkerId, failed.Reason);
            Advance(_progress.Fail(failed));
        });
        Receive<BlockReturned>(returned =>
        {
            _journal.Returned(returned);
            Advance(_evaluations.Returned(_progress.Return(returned), returned));
        });
        Receive<WorkerLost>(lost => Lose(lost.WorkerId));
        Receive<Terminated>(terminated =>
        {
            if (_exchange.WorkerOf(terminated.ActorRef) is { } worker)
            {
                Lose(worker);
            }
        });
        Receive<BlockEvaluated>(result => Advance(_evaluations.Received(_progress, result)));
        Receive<EvaluationFailed>(failed => Advance(_evaluations.Failed(_progress, failed)));
        Receive<EvaluateRun>(request =>
        {
            _evaluations.Evaluate(_progress, request, Sender);
            Advance(_progress);
        });
        Receive<Tick>(_ =>
        {
            _evaluations.Expire(_progress);
            Advance(_progress.Expire(_services.Elapsed));
            FlushJournal();
            Renew();
        });
        Receive<StopRun>(_ => End(RunStatus.Stopped, null));
        Receive<PauseRun>(_ => End(RunStatus.Paused, null));
        Receive<ReleaseRun>(_ => End(RunStatus.Queued, null));
        ReceiveStore(Advance);
        ReceiveAny(message => _log.Debug("{MessageType} means nothing to run {RunId} in training", message.GetType().Name, RunId));
    }

    private void Lose(WorkerId worker)
    {
        _exchange.Forget(worker);
        _evaluations.Lose(worker);
        Advance(_progress.Lose(worker));
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
