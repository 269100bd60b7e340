using Akka.Actor;
using Akka.Event;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// One run, as a sharded entity: opens its data and directory, then lets a <see cref="RunTrainer"/> train. Should that
/// ever crash, the run is failed with a reason, not silent.
/// </summary>
public sealed class RunEntity : ReceiveActor, IWithStash
{
    private readonly RunServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>Creates an idle entity; <see cref="StartRun"/> begins training.</summary>
    public RunEntity(RunServices services)
    {
        _services = services;
        Become(Idle);
    }

    /// <inheritdoc />
    public IStash Stash { get; set; } = null!;

    /// <inheritdoc />
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Idle()
    {
        Receive<StartRun>(start =>
        {
            IActorRef client = Sender;
            Become(Preparing);
            Task.Run(() => _services.Prepare(start)).PipeTo(
                Self, success: run => new Prepared(run, client), failure: error => new PreparationFailed(start.RunId, error, client));
        });
        Receive<StopRun>(stop => Sender.Tell(new RunRefused(stop.RunId, $"Run {stop.RunId} is not being trained here.")));
        Receive<EvaluateRun>(request => Sender.Tell(RunServices.NotTraining(request.RunId)));
        Receive<IRunMessage>(message => _log.Debug("{0} for run {1}, which is not being trained, is dropped", message.GetType().Name, message.RunId));
    }

    private void Preparing()
    {
        Receive<Prepared>(prepared =>
        {
            IActorRef trainer = Context.ActorOf(Props.Create(() => new RunTrainer(_services, prepared.Run, prepared.Client)), "trainer");
            Context.WatchWith(trainer, new TrainerGone(new RunId(prepared.Run.Training.RunId)));
            Become(() => Training(trainer));
            Stash.UnstashAll();
        });
        Receive<PreparationFailed>(failed =>
        {
            failed.Client.Tell(new RunRefused(failed.RunId, RunServices.Explain(failed.Error)));
            Become(Idle);
            Stash.UnstashAll();
        });
        Receive<IRunMessage>(_ => Stash.Stash());
    }

    private void Training(IActorRef trainer)
    {
        Receive<IRunMessage>(trainer.Forward);
        Receive<TrainerGone>(gone =>
        {
            const string Problem = "its trainer crashed, which is a defect of MetaMap; the log says more, and the run can be resumed from its directory";
            if (_services.Board.Find(gone.RunId) is { } last)
            {
                _services.Board.Publish(last with { Status = RunStatus.Failed, Problem = $"Run {gone.RunId} failed: {Problem}." });
            }

            RunServices.Workforce(Context).Tell(new RunClosed(gone.RunId));
            Become(Idle);
        });
    }

    private sealed record Prepared(PreparedRun Run, IActorRef Client);

    private sealed record PreparationFailed(RunId RunId, Exception Error, IActorRef Client);

    private sealed record TrainerGone(RunId RunId);
}
