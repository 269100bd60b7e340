using Akka.Actor;
using Akka.Event;
using MetaMap.Coordinator.Workers;
using MetaMap.Core.Configuration;
using MetaMap.Core.Parameters;
using MetaMap.Core.Rounds;
using MetaMap.Core.Training;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// One run, as a sharded entity: leases blocks to workers, fetches their gradients, commits iterations, publishes the
/// meta-model and writes checkpoints. Decides nothing itself: <see cref="RunProgress"/> does.
/// </summary>
public sealed class RunEntity : ReceiveActor, IWithTimers
{
    private readonly RunServices _services;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<WorkerId, IActorRef> _workers = [];
    private readonly Dictionary<BlobId, List<BlockAdapted>> _fetching = [];

    private RunPublication _publication = null!;
    private RunProgress _progress = null!;
    private RunStorage _storage = null!;
    private BlobId _parameters;
    private (BlobId Id, string Holder) _offered;

    /// <summary>Creates an idle entity; <see cref="StartRun"/> begins training.</summary>
    public RunEntity(RunServices services)
    {
        _services = services;
        Become(Idle);
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private RunId RunId => new(_progress.Training.RunId);

    private TimeSpan Now => _services.Elapsed;

    /// <inheritdoc />
    protected override void PostStop()
    {
        if (_storage is not null)
        {
            _services.Blobs.Release(_parameters);
            _storage.Dispose();
        }
    }

    private void Idle()
    {
        Receive<StartRun>(start =>
        {
            IActorRef client = Sender;
            Become(Preparing);
            Task.Run(() => _services.Prepare(start)).PipeTo(
                Self,
                success: prepared => new Prepared(prepared, client),
                failure: error => new PreparationFailed(start.RunId, error, client));
        });
        Receive<StopRun>(stop => Sender.Tell(new RunRefused(stop.RunId, $"Run {stop.RunId} is not being trained here.")));
        Receive<IRunMessage>(message => _log.Debug("{0} for run {1}, which is not being trained, is dropped", message.GetType().Name, message.RunId));
    }

    private void Preparing()
    {
        Receive<Prepared>(prepared =>
        {
            _storage = prepared.Run.Storage;
            _progress = RunProgress.From(prepared.Run.Training, _storage.State, _services.LeasePolicy);
            _publication = new RunPublication(_services, _storage.Directory.Path);
            foreach (string reason in _storage.IgnoredCheckpoints)
            {
                _log.Warning($"{reason} The checkpoint before it is used.");
            }

            RunOptions options = _progress.Training.Options;
            _log.Info($"run {RunId}: {options.Algorithm} {options.EpisodeShape()} on {options.Dataset}, iteration "
                + $"{_storage.State.Iteration} of {options.Iterations}, stored in {_storage.Directory.Path}");
            OfferParameters();
            _publication.Publish(_progress, RunStatus.Training, null);
            prepared.Client.Tell(new RunStarted(RunId, _progress.State.Iteration));
            Become(Training);
            if (_progress.IsFinished)
            {
                End(RunStatus.Finished, null);
                return;
            }

            Timers.StartPeriodicTimer("tick", Tick.Instance, TimeSpan.FromSeconds(1));
            RunServices.Workforce(Context).Tell(RunPublication.Opened(_progress));
        });
        Receive<PreparationFailed>(failed =>
        {
            Become(Idle);
            failed.Client.Tell(new RunRefused(failed.RunId, RunServices.Explain(failed.Error)));
        });
        Receive<IRunMessage>(message => _log.Debug("{0} came before run {1} was prepared", message.GetType().Name, message.RunId));
    }

    private void Training()
    {
        Receive<RequestBlocks>(request =>
        {
            _workers[request.WorkerId] = Sender;
            _progress = _progress with { Lanes = _progress.Lanes.Offer(request.WorkerId, request.Lanes) };
            Assign();
        });
        Receive<BlockAdapted>(Judge);
        Receive<BlockFailed>(failed =>
        {
            _log.Warning("block {0} of iteration {1} failed on worker {2}: {3}", failed.BlockIndex, failed.Iteration, failed.WorkerId, failed.Reason);
            _progress = _progress.FreeLane(failed.WorkerId).Fail(failed.Iteration, failed.BlockIndex, failed.WorkerId, failed.Reason);
            Continue();
        });
        Receive<BlobFetched>(fetched =>
        {
            foreach (BlockAdapted result in TakeFetching(fetched.Blob))
            {
                Accept(result, fetched.Bytes);
            }
        });
        Receive<BlobFetchFailed>(failed =>
        {
            foreach (BlockAdapted result in TakeFetching(failed.Blob))
            {
                _progress = _progress.Fail(result.Iteration, result.BlockIndex, result.WorkerId, failed.Reason);
                Reply(result, "Failed");
            }

            Continue();
        });
        Receive<WorkerLost>(lost =>
        {
            _workers.Remove(lost.WorkerId);
            _progress = _progress.Lose(lost.WorkerId);
            Assign();
        });
        Receive<Tick>(_ =>
        {
            _progress = _progress.Expire(Now);
            Assign();
            SaveIfDue();
        });
        Receive<Saved>(saved => _publication.Saved(saved.Problem, _log));
        Receive<StartRun>(start => Sender.Tell(new RunStarted(start.RunId, _progress.State.Iteration)));
        Receive<StopRun>(_ => End(RunStatus.Stopped, null, Sender));
    }

    private void Over()
    {
        Receive<Saved>(saved =>
        {
            _publication.Saved(saved.Problem, _log);
            _publication.Publish(_progress, saved.Status, saved.Problem);
            saved.Client?.Tell(new RunStopped(RunId, _progress.State.Iteration));
        });
        Receive<StartRun>(start => Sender.Tell(new RunRefused(start.RunId, $"Run {start.RunId} is over; start it under another name or resume it from its directory.")));
        Receive<StopRun>(_ => Sender.Tell(new RunStopped(RunId, _progress.State.Iteration)));
        Receive<BlockAdapted>(result => Reply(result, nameof(BlockVerdict.Stale)));
        ReceiveAny(message => _log.Debug("{0} came after run {1} was over", message.GetType().Name, RunId));
    }

    private void Assign()
    {
        (_progress, var assignments) = _progress.Assign(Now);
        foreach (BlockAssignment assignment in assignments)
        {
            _workers[assignment.Worker].Tell(new BlockLeased(
                RunId, _progress.Round.Iteration, assignment.Attempt, assignment.Block, _offered.Id, _offered.Holder));
        }
    }

    private void Judge(BlockAdapted result)
    {
        _progress = _progress.FreeLane(result.WorkerId);
        (_progress, Judgement judgement) = _progress.Judge(Header(result));
        if (judgement.Verdict != BlockVerdict.Counted)
        {
            Refuse(result, judgement);
        }
        else if (_services.Blobs.TryGet(result.Gradient, out ReadOnlyMemory<byte> bytes))
        {
            Accept(result, bytes);
            return;
        }
        else if (_fetching.TryGetValue(result.Gradient, out List<BlockAdapted>? waiting))
        {
            waiting.Add(result);
        }
        else
        {
            _fetching[result.Gradient] = [result];
            Context.ActorOf(BlobFetcher.Props(result.Gradient, result.GradientHolder));
        }

        Assign();
    }

    private void Accept(BlockAdapted result, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length != _progress.Training.Layout.Length * sizeof(float))
        {
            _progress = _progress.Fail(result.Iteration, result.BlockIndex, result.WorkerId,
                $"the gradient of block {result.BlockIndex} from worker {result.WorkerId} has {bytes.Length} bytes, the layout needs {_progress.Training.Layout.Length * sizeof(float)}");
            Reply(result, nameof(BlockVerdict.WrongLayout));
        }
        else
        {
            var gradient = new BlockGradient(ParameterVector.FromBytes(_progress.Training.Layout, bytes.Span), result.Episodes);
            (_progress, Judgement judgement) = _progress.Accept(Header(result), gradient, Now);
            if (judgement.Verdict == BlockVerdict.Counted)
            {
                RunServices.Workforce(Context).Tell(new BlockCounted(result.WorkerId, result.Episodes.Length));
                Reply(result, nameof(BlockVerdict.Counted));
            }
            else
            {
                Refuse(result, judgement);
            }
        }

        Continue();
    }

    private void Continue()
    {
        if (_progress.Round.IsComplete)
        {
            try
            {
                (_progress, IterationMetrics metrics) = _progress.Commit();
                _publication.Committed(_progress, metrics, _storage, _log);
                OfferParameters();
            }
            catch (DivergedException error)
            {
                _log.Error(error.Message);
                End(RunStatus.Failed, error.Message);
                return;
            }

            if (_progress.IsFinished)
            {
                End(RunStatus.Finished, null);
                return;
            }

            SaveIfDue();
        }

        Assign();
    }

    private void End(RunStatus status, string? problem, IActorRef? client = null)
    {
        Timers.Cancel("tick");
        RunServices.Workforce(Context).Tell(new RunClosed(RunId));
        _publication.Save(_progress, _storage).PipeTo(Self, success: saved => new Saved(saved ?? problem, status, client));
        Become(Over);
    }

    private void SaveIfDue()
    {
        if (_publication.IsSaveDue(_progress))
        {
            _publication.Save(_progress, _storage).PipeTo(Self, success: problem => new Saved(problem, RunStatus.Training, null));
        }
    }

    private void OfferParameters()
    {
        BlobId old = _parameters;
        _parameters = _services.Blobs.Put(_progress.State.Parameters.Bytes.ToArray());
        _services.Blobs.Release(old);
        _offered = (_parameters, RunServices.BlobHolderPath(Context.System));
    }

    private void Refuse(BlockAdapted result, Judgement judgement)
    {
        _log.Debug("refused as {0}: {1}", judgement.Verdict, judgement.Reason);
        Reply(result, judgement.Verdict.ToString());
    }

    private void Reply(BlockAdapted result, string verdict)
    {
        if (_workers.TryGetValue(result.WorkerId, out IActorRef? worker))
        {
            worker.Tell(new BlockJudged(result.RunId, result.Iteration, result.BlockIndex, result.Gradient, verdict));
        }
    }

    private List<BlockAdapted> TakeFetching(BlobId blob) => _fetching.Remove(blob, out List<BlockAdapted>? waiting) ? waiting : [];

    private static BlockResultHeader Header(BlockAdapted result) => new(
        result.RunId.Value, result.Iteration, result.BlockIndex, result.WorkerId.Value, result.LayoutDigest, result.Episodes.Length);

    private sealed record Prepared(PreparedRun Run, IActorRef Client);

    private sealed record PreparationFailed(RunId RunId, Exception Error, IActorRef Client);

    private sealed record Saved(string? Problem, RunStatus Status, IActorRef? Client);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
