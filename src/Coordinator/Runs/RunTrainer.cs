using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>Entity to its trainer: commit what is complete, and leave the run.</summary>
/// <param name="Status">The run's status from now on.</param>
internal sealed record EndTraining(RunStatus Status);

/// <summary>Trainer to its entity: the run is over here.</summary>
/// <param name="Status">The run's status; null when another coordinator has taken it over.</param>
/// <param name="Iteration">Committed iterations.</param>
internal sealed record TrainingEnded(RunStatus? Status, int Iteration);

/// <summary>Drives the <see cref="RunMachine"/> of one run: messages become its inputs, and its effects are carried out.</summary>
internal sealed class RunTrainer : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _tickInterval = TimeSpan.FromSeconds(1);

    private readonly RunServices _services;
    private readonly PreparedRun _run;
    private readonly Action _begun;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly RunWrites _writes;
    private readonly BlobFetches _fetches;
    private readonly Dictionary<WorkerId, IActorRef> _workers = [];
    private readonly Dictionary<long, IActorRef> _clients = [];
    private readonly List<BlobId> _offered = [];
    private readonly RoundTrace _trace;
    private RunState _state = null!;
    private long _lastClient;

    /// <summary>Begins training.</summary>
    /// <param name="services">The node's services.</param>
    /// <param name="run">The opened and claimed run.</param>
    /// <param name="begun">Called once the run is visible on the board.</param>
    public RunTrainer(RunServices services, PreparedRun run, Action begun)
    {
        (_services, _run, _begun, _trace) = (services, run, begun, new RoundTrace(services.Time));
        _writes = new RunWrites(run, new RunJournal(run.Hold.Epoch, services.Time));
        _fetches = new BlobFetches(Context, services.Blobs.Gate);
        Receive<RequestBlocks>(request =>
        {
            // The workforce reports workers that leave, but a worker may ask once more after that.
            _workers[request.WorkerId] = Context.Watch(Sender);
            Take(new RunInput.Asked(request));
        });
        Receive<IBlockAnswer>(answer => Take(new RunInput.Answered(answer)));
        Receive<RunStaff>(staff => Take(new RunInput.Staffed(staff)));
        Receive<WorkerLost>(lost => Lose(lost.WorkerId));
        Receive<Terminated>(gone =>
        {
            _workers.Where(known => known.Value.Equals(gone.ActorRef)).Select(known => known.Key).ToList().ForEach(Lose);
            _clients.Where(known => known.Value.Equals(gone.ActorRef)).Select(known => known.Key).ToList().ForEach(Abandon);
        });
        Receive<BlobFetched>(fetched =>
        {
            _fetches.Ended(fetched.Blob);
            Take(new RunInput.GradientFetched(fetched.Blob, fetched.Bytes));
        });
        Receive<BlobFetchFailed>(failed =>
        {
            _fetches.Ended(failed.Blob);
            Take(new RunInput.GradientMissed(failed.Blob, failed.Reason));
        });
        Receive<EvaluateRun>(request =>
        {
            _clients[++_lastClient] = Context.Watch(Sender);
            Take(new RunInput.EvaluationWanted(_lastClient, request));
        });
        Receive<EndTraining>(end => Take(new RunInput.EndWanted(end.Status)));
        Receive<RunInput>(Take);
        ReceiveAny(message => _log.Debug("{MessageType} means nothing to run {RunId} in training", message.GetType().Name, _state.Setup.RunId));
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart()
    {
        _run.Describe(_log);
        Timers.StartPeriodicTimer("tick", new RunInput.Ticked(), _tickInterval);
        (_state, ImmutableArray<RunEffect> effects) = RunMachine.Begin(
            _run.Setup(_services.LeasePolicy, _services.Settings.CheckpointInterval, _services.Settings.Kept, RunServices.BlobHolderPath(Context.System), _services.ReachableWorkers), _services.Elapsed);
        CarryOut(effects);
        _begun();
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        _offered.ForEach(_services.Blobs.Release);
        foreach (IActorRef client in _clients.Values)
        {
            client.Tell(new RunRefused(new RunId(_run.Training.RunId), $"Run {_run.Training.RunId} is no longer trained on this coordinator, so the evaluation was not done; ask again."));
        }

        if (_state is { Stage: not RunStage.Over })
        {
            // The cluster has moved the run, or its trainer has crashed: otherwise this node's workforce would name the run to workers for ever.
            RunServices.Workforce(Context).Tell(new RunLeft(_state.Setup.RunId));
        }
    }

    private void Lose(WorkerId worker)
    {
        _workers.Remove(worker);
        Take(new RunInput.Lost(worker));
    }

    private void Abandon(long client)
    {
        _clients.Remove(client);
        Take(new RunInput.ClientGone(client));
    }

    private void Take(RunInput input)
    {
        _writes.Heard(input);
        RunState before = _state;
        (_state, ImmutableArray<RunEffect> effects) = RunMachine.Step(_state, input, _services.Elapsed);
        _trace.After(before, _state);
        CarryOut(effects);
        if (input is RunInput.Ticked or RunInput.Lost)
        {
            _services.Board.Show(_state.Progress.Blocks(_services.Elapsed));
        }
    }

    private void CarryOut(ImmutableArray<RunEffect> effects)
    {
        foreach (RunEffect effect in effects)
        {
            CarryOut(effect);
        }
    }

    private void CarryOut(RunEffect effect)
    {
        switch (effect)
        {
            case RunEffect.ToWorker tell: _workers.GetValueOrDefault(tell.Worker)?.Tell(tell.Message); break;
            case RunEffect.ToWorkforce tell: RunServices.Workforce(Context).Tell(tell.Message); break;
            case RunEffect.Reply reply when _clients.Remove(reply.Client, out IActorRef? client): client.Tell(reply.Answer); break;
            case RunEffect.Offer offer: _offered.Add(_services.Blobs.Put(offer.Parameters.Bytes.ToArray())); break;
            case RunEffect.Withdraw withdraw when _offered.Remove(withdraw.Parameters): _services.Blobs.Release(withdraw.Parameters); break;
            // The gradient of a worker on the same node is already here.
            case RunEffect.FetchGradient fetch when _services.Blobs.TryGet(fetch.Gradient, out ReadOnlyMemory<byte> bytes): Self.Tell(new RunInput.GradientFetched(fetch.Gradient, bytes)); break;
            case RunEffect.FetchGradient fetch: _fetches.Fetch(fetch.Gradient, fetch.Holder); break;
            case RunEffect.Note note: _writes.Note(note.Entry); break;
            case RunEffect.Commit commit: _writes.Commit(commit.Group).PipeTo(Self); break;
            case RunEffect.FlushJournal: _writes.FlushJournal()?.PipeTo(Self); break;
            case RunEffect.Renew: _writes.Renew().PipeTo(Self); break;
            case RunEffect.Release release: _writes.Release(release.Status, release.Reason).PipeTo(Self); break;
            case RunEffect.ExportQuarantined export: _writes.Export(export.Block).PipeTo(Self); break;
            case RunEffect.ExportDiverged export: _writes.Export(export.Error).PipeTo(Self); break;
            case RunEffect.Publish publish: _services.Board.Publish(publish.Snapshot); break;
            case RunEffect.Unpublish: _services.Board.Remove(_state.Setup.RunId); break;
            case RunEffect.Log log: _log.Log(log.Level, log.Template, [.. log.Values]); break;
            case RunEffect.End end: Timers.CancelAll(); Context.Parent.Tell(new TrainingEnded(end.Status, end.Iteration)); break;
        }
    }
}
