using Akka.Actor;
using Akka.Event;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// One run, as a sharded entity: enters it into the store, claims it when it is its turn, and lets a
/// <see cref="RunTrainer"/> train. Should that ever crash, the run is failed with a reason, not silent.
/// </summary>
public sealed class RunEntity : ReceiveActor, IWithStash
{
    private readonly RunServices _services;
    private readonly RunCommands _commands;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private string? _lastRefusal;

    /// <summary>Creates an idle entity; <see cref="StartRun"/> or <see cref="TakeUpRun"/> begins training.</summary>
    public RunEntity(RunServices services)
    {
        _services = services;
        _commands = new RunCommands(services);
        Become(Idle);
    }

    /// <inheritdoc />
    public IStash Stash { get; set; } = null!;

    /// <inheritdoc />
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Idle()
    {
        Receive<StartRun>(start => Work(start.RunId, Sender, _commands.Start(start)));
        Receive<TakeUpRun>(takeUp =>
        {
            if (!_services.IsLeaving)
            {
                Work(takeUp.RunId, ActorRefs.Nobody, _commands.TakeUp(takeUp.RunId));
            }
        });
        Receive<ResumeRun>(resume => Work(resume.RunId, Sender, _commands.Resume(resume.RunId)));
        Receive<PauseRun>(pause => Work(pause.RunId, Sender, _commands.Pause(pause.RunId)));
        Receive<StopRun>(stop => Work(stop.RunId, Sender, _commands.Stop(stop.RunId)));
        Receive<DeleteRun>(delete => Work(delete.RunId, Sender, _commands.Delete(delete.RunId)));
        Receive<ReleaseRun>(release => Sender.Tell(new RunChanged(release.RunId, nameof(RunStatus.Queued), 0)));
        Receive<EvaluateRun>(request => Sender.Tell(RunServices.NotTraining(request.RunId)));
        Receive<IRunMessage>(message => _log.Debug("{MessageType} for run {RunId}, which is not being trained, is dropped", message.GetType().Name, message.RunId));
    }

    /// <summary>Lets a command work off this thread; whatever comes meanwhile waits.</summary>
    private void Work(RunId runId, IActorRef client, Task<CommandResult> command)
    {
        command.PipeTo(Self, success: result => result, failure: error => new CommandResult(new RunRefused(runId, RunServices.Explain(error)), null));
        BecomeStacked(() =>
        {
            Receive<CommandResult>(result =>
            {
                UnbecomeStacked();
                if (result.Claimed is { } claimed)
                {
                    Train(claimed, () => client.Tell(result.Answer));
                }
                else
                {
                    client.Tell(result.Answer);
                    Note(result.Answer);
                }

                Stash.UnstashAll();
            });
            Receive<IRunMessage>(_ => Stash.Stash());
        });
    }

    /// <summary>A run that could not be taken up is tried again every two seconds: each reason is told once.</summary>
    private void Note(object answer)
    {
        if (answer is RunRefused refused && refused.Reason != _lastRefusal)
        {
            _lastRefusal = refused.Reason;
            _log.Info("run {RunId}: {Reason}", refused.RunId, refused.Reason);
        }
    }

    private void Train(PreparedRun run, Action begun)
    {
        RunId runId = new(run.Training.RunId);
        IActorRef trainer = Context.ActorOf(Props.Create(() => new RunTrainer(_services, run, begun)));
        Context.WatchWith(trainer, new TrainerGone(runId));
        Become(() => Training(runId, trainer));
    }

    private void Training(RunId runId, IActorRef trainer)
    {
        List<(IRunMessage Command, IActorRef Client)> waiting = [];
        Receive<StartRun>(start => Sender.Tell(start.Resume
            ? new RunStarted(start.RunId, _services.Board.Find(start.RunId)?.State.Iteration ?? 0)
            : new RunRefused(start.RunId, $"Run {start.RunId} is being trained already; choose another name.")));
        Receive<ResumeRun>(resume => Sender.Tell(new RunChanged(resume.RunId, nameof(RunStatus.Training), _services.Board.Find(resume.RunId)?.State.Iteration ?? 0)));
        Receive<TakeUpRun>(_ => { });
        Receive<StopRun>(stop => WhenOver(stop, stop));
        Receive<PauseRun>(pause => WhenOver(pause, pause));
        Receive<ReleaseRun>(release => WhenOver(release, release));
        Receive<DeleteRun>(delete => WhenOver(delete, new StopRun(delete.RunId)));
        Receive<TrainingEnded>(ended =>
        {
            Context.Unwatch(trainer);
            Context.Stop(trainer);
            Become(Idle);
            // Each is carried out on what the end has left: a run that is stopped already is stopped.
            waiting.ForEach(command => Self.Tell(command.Command, command.Client));
        });
        Receive<TrainerGone>(_ =>
        {
            RunServices.Workforce(Context).Tell(new RunClosed(runId));
            Become(Idle);
            Work(runId, ActorRefs.Nobody, _commands.Crashed(runId));
            waiting.ForEach(command => Self.Tell(command.Command, command.Client));
        });
        Receive<IRunMessage>(trainer.Forward);

        void WhenOver(IRunMessage command, IRunMessage order)
        {
            waiting.Add((command, Sender));
            trainer.Tell(order);
        }
    }

    private sealed record TrainerGone(RunId RunId);
}
