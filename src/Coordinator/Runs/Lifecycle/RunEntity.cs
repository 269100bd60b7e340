using Akka.Actor;
using Akka.Event;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Core;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Lifecycle;

/// <summary>
/// One run, as a sharded entity: enters it into the store, claims it when it is its turn, and starts a
/// <see cref="RunTrainer"/>. If that crashes, the run is marked as failed, with a reason.
/// </summary>
internal sealed class RunEntity : ReceiveActor, IWithStash
{
    private readonly RunServices _services;
    private readonly RunCommands _commands;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private string? _lastRefusal;

    /// <summary>Creates an idle entity; <see cref="StartRun"/> or <see cref="RunCommand.TakeUp"/> begins training.</summary>
    public RunEntity(RunServices services, LeftRuns left)
    {
        _services = services;
        _commands = new RunCommands(services, left);
        Become(Idle);
    }

    /// <inheritdoc />
    public IStash Stash { get; set; } = null!;

    /// <inheritdoc />
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Idle()
    {
        Receive<StartRun>(start => Work(start.RunId, Sender, _commands.Start(start)));
        Receive<CommandRun>(command =>
        {
            if (command.Command != RunCommand.TakeUp || !_services.IsLeaving)
            {
                Work(command.RunId, ClientOf(command), _commands.CarryOut(command));
            }
        });
        Receive<EvaluateRun>(request => Sender.Tell(new RunRefused(
            request.RunId, $"Run {request.RunId} is not being trained, so it has no workers to evaluate it; evaluate its model without --on-cluster.")));
        Receive<IRunMessage>(message => _log.Debug("{MessageType} for run {RunId}, which is not being trained, is dropped", message.GetType().Name, message.RunId));
    }

    /// <summary>Runs a command outside the actor's thread; messages that arrive in the meantime are stashed.</summary>
    private void Work(RunId runId, IActorRef client, Task<CommandResult> command)
    {
        command.PipeTo(Self, success: result => result, failure: error => new CommandResult(new RunRefused(runId, ReadableException.Describe(error)), null));
        BecomeStacked(() =>
        {
            Receive<CommandResult>(result =>
            {
                UnbecomeStacked();
                if (result.Change is { } change)
                {
                    _log.Warning("run {RunId}: {Change}", runId, change);
                }

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

    /// <summary>A run that could not be taken up is tried again every two seconds, so each reason is logged only once.</summary>
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
        Become(() => Training(run, trainer));
    }

    private void Training(PreparedRun run, IActorRef trainer)
    {
        RunId runId = new(run.Training.RunId);
        List<(IRunMessage Message, IActorRef Client)> waiting = [];
        Receive<StartRun>(start =>
        {
            try
            {
                if (!run.IsChangedBy(start, Iteration(runId)) && waiting.Count == 0)
                {
                    Sender.Tell(new RunStarted(runId, Iteration(runId)));
                }
                else
                {
                    // Goes on with what it is given now: more iterations, other fewest workers.
                    waiting.Add((start, Sender));
                    trainer.Tell(new EndTraining(RunStatus.Queued));
                }
            }
            catch (ConfigurationException error)
            {
                Sender.Tell(new RunRefused(runId, error.Message));
            }
        });
        Receive<CommandRun>(command =>
        {
            RunStatus wanted = RunLifecycle.After(RunStatus.Training, RunOwnership.Here, command.Command).Status;
            if (wanted == RunStatus.Training && (waiting.Count == 0 || command.Command == RunCommand.TakeUp))
            {
                ClientOf(command).Tell(new RunChanged(runId, wanted, Iteration(runId)));
            }
            else
            {
                // Carried out on the run's state after the end: a run that is paused already stays paused.
                waiting.Add((command, Sender));
                if (wanted != RunStatus.Training)
                {
                    trainer.Tell(new EndTraining(wanted == RunStatus.Deleted ? RunStatus.Stopped : wanted));
                }
            }
        });
        Receive<TrainingEnded>(ended =>
        {
            Context.Unwatch(trainer);
            // After what has been passed on to it: clients that came too late are told so.
            trainer.Tell(PoisonPill.Instance);
            Become(Idle);
            waiting.ForEach(later => Self.Tell(later.Message, later.Client));
        });
        Receive<TrainerGone>(_ =>
        {
            RunServices.Workforce(Context).Tell(new RunClosed(runId));
            Become(Idle);
            Work(runId, ActorRefs.Nobody, _commands.Crashed(runId));
            waiting.ForEach(later => Self.Tell(later.Message, later.Client));
        });
        Receive<IRunMessage>(trainer.Forward);
    }

    private int Iteration(RunId runId) => _services.Board.Find(runId)?.State.Iteration ?? 0;

    private IActorRef ClientOf(CommandRun command) => command.Command == RunCommand.TakeUp ? ActorRefs.Nobody : Sender;

    private sealed record TrainerGone(RunId RunId);
}
