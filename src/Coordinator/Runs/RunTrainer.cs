using Akka.Actor;
using Akka.Event;
using MetaMap.Core.Rounds;
using MetaMap.Core.Training;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// Trains one run: leases blocks to workers, takes their results in, commits iterations, publishes the meta-model and
/// has checkpoints written. Decides nothing itself: <see cref="RunProgress"/> does.
/// </summary>
public sealed class RunTrainer : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _tickInterval = TimeSpan.FromSeconds(1);

    private readonly RunServices _services;
    private readonly PreparedRun _run;
    private readonly RunStorage _storage;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly RunPublication _publication;
    private readonly RunExchange _exchange;
    private readonly GradientIntake _intake;
    private readonly RunEvaluations _evaluations;
    private readonly List<IActorRef> _stoppers = [];
    private RunProgress _progress;

    /// <summary>Begins training.</summary>
    /// <param name="services">Of the node.</param>
    /// <param name="run">Data and directory, open; the actor closes them.</param>
    /// <param name="client">Hears that the run has started.</param>
    public RunTrainer(RunServices services, PreparedRun run, IActorRef client)
    {
        (_services, _run, _storage) = (services, run, run.Storage);
        _progress = RunProgress.From(run.Training, run.Storage.State, services.LeasePolicy);
        _publication = new RunPublication(services, run.Storage, _log);
        _exchange = new RunExchange(RunId, services.Blobs, RunServices.BlobHolderPath(Context.System), RunServices.Workforce(Context), Self);
        IUntypedActorContext context = Context;
        _intake = new GradientIntake(
            services.Blobs, result => context.ActorOf(BlobFetcher.Props(result.Gradient, result.GradientHolder)), _exchange.Reply, () => services.Elapsed);
        _evaluations = new RunEvaluations(_exchange, services.Blobs, () => services.Elapsed);
        _log.Info(run.Describe());
        _exchange.Offer(_progress.State.Parameters);
        _publication.Publish(_progress, RunStatus.Training, null);
        client.Tell(new RunStarted(RunId, _progress.State.Iteration));
        Become(Training);
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private RunId RunId => new(_progress.Training.RunId);

    /// <inheritdoc />
    protected override void PreStart()
    {
        if (_progress.IsFinished)
        {
            End(RunStatus.Finished, null);
            return;
        }

        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, _tickInterval);
        _exchange.Open(RunPublication.Opened(_progress));
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        _exchange.Withdraw();
        _storage.Dispose();
    }

    private void Training()
    {
        Receive<RequestBlocks>(request =>
        {
            _exchange.Know(request.WorkerId, Sender);
            Advance(_progress.Offer(request.WorkerId, request.Lanes));
        });
        Receive<BlockAdapted>(result => Advance(_intake.Received(_progress, result)));
        Receive<BlobFetched>(fetched => Advance(_intake.Fetched(_progress, fetched)));
        Receive<BlobFetchFailed>(failed => Advance(_intake.Missed(_progress, failed)));
        Receive<BlockFailed>(failed => Advance(_progress.Fail(failed)));
        Receive<WorkerLost>(lost =>
        {
            _exchange.Forget(lost.WorkerId);
            _evaluations.Lose(lost.WorkerId);
            Advance(_progress.Lose(lost.WorkerId));
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
        });
        Receive<Saved>(saved => _publication.Saved(saved.Problem));
        Receive<StartRun>(start => Sender.Tell(start.Resume
            ? new RunStarted(start.RunId, _progress.State.Iteration)
            : new RunRefused(start.RunId, $"Run {start.RunId} is being trained already; choose another name.")));
        Receive<StopRun>(_ =>
        {
            _stoppers.Add(Sender);
            End(RunStatus.Stopped, null);
        });
    }

    /// <summary>The last checkpoint is being written; who wants the run stopped hears of it when it is on disk.</summary>
    private void Ending()
    {
        Receive<Saved>(saved =>
        {
            _publication.Saved(saved.Problem);
            if (saved.Status != RunStatus.Training)
            {
                _publication.Publish(_progress, saved.Status, saved.Reason);
                _stoppers.ForEach(client => client.Tell(new RunStopped(RunId, _progress.State.Iteration)));
                Become(Over);
            }
        });
        Receive<StopRun>(_ => _stoppers.Add(Sender));
        ReceiveLate();
    }

    private void Over()
    {
        Receive<StopRun>(_ => Sender.Tell(new RunStopped(RunId, _progress.State.Iteration)));
        ReceiveLate();
    }

    private void ReceiveLate()
    {
        Receive<StartRun>(start => Sender.Tell(new RunRefused(start.RunId, $"Run {start.RunId} is over; start it under another name or resume it from its directory.")));
        Receive<BlockAdapted>(result => _exchange.Reply(result, nameof(BlockVerdict.Stale)));
        Receive<EvaluateRun>(request => Sender.Tell(RunServices.NotTraining(request.RunId)));
        ReceiveAny(message => _log.Debug("{0} came after run {1} was over", message.GetType().Name, RunId));
    }

    private void Advance(RunProgress next)
    {
        string? refusal = _progress.LastRefusal;
        _progress = next;
        if (next.LastRefusal != refusal)
        {
            _log.Debug("run {0}: {1}", RunId, next.LastRefusal);
        }

        if ((_evaluations.Settle(_progress) is { } measured && !TryValidate(measured)) || (_progress.CanCommit && !TryCommit()))
        {
            return;
        }

        if (_progress.IsValidationDue)
        {
            _evaluations.Validate(_progress);
        }

        _progress = _evaluations.Assign(_progress);
        _progress = _exchange.Assign(_progress, _services.Elapsed);
        if (_publication.IsSaveDue(_progress))
        {
            Save(RunStatus.Training, null);
        }
    }

    /// <returns>True when training goes on.</returns>
    private bool TryValidate(EvaluationProgress measured)
    {
        if (measured.IsFailed)
        {
            End(RunStatus.Failed, $"Run {RunId} could not be measured on its validation classes at iteration {_progress.State.Iteration}: {measured.LastFailure}.");
            return false;
        }

        (_progress, ValidationMetrics metrics) = _progress.Validated(measured);
        _publication.Validated(_progress, metrics);
        if (_progress.IsFinished)
        {
            End(RunStatus.Finished, null);
        }

        return !_progress.IsFinished;
    }

    /// <returns>True when training goes on.</returns>
    private bool TryCommit()
    {
        try
        {
            (_progress, IterationMetrics metrics) = _progress.Commit();
            _publication.Committed(_progress, metrics);
            _exchange.Offer(_progress.State.Parameters);
        }
        catch (DivergedException error)
        {
            string reason = _run.ExportDiverged(error);
            _log.Error(reason);
            End(RunStatus.Failed, reason);
            return false;
        }

        if (_progress.IsFinished)
        {
            End(RunStatus.Finished, null);
        }

        return !_progress.IsFinished;
    }

    private void End(RunStatus status, string? reason)
    {
        Timers.CancelAll();
        _evaluations.End(_progress);
        _exchange.Close();
        Save(status, reason);
        Become(Ending);
    }

    private void Save(RunStatus status, string? reason) =>
        _publication.Save(_progress).PipeTo(Self, success: problem => new Saved(problem, status, reason));

    private sealed record Saved(string? Problem, RunStatus Status, string? Reason);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
