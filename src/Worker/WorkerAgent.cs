using Akka.Actor;
using Akka.Event;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Core.Training;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Runs;

namespace MetaMap.Worker;

/// <summary>
/// The worker: asks open runs for blocks, fetches each parameter version once, computes on the lanes, and answers with
/// gradients. <see cref="Registration"/> tells it of runs.
/// </summary>
public sealed class WorkerAgent : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _requestInterval = TimeSpan.FromSeconds(2);

    private readonly WorkerServices _services;
    private readonly IActorRef _runRegion;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<RunId, WorkerRun> _runs = [];
    private readonly HashSet<RunId> _opening = [];
    private readonly ParameterCache _parameters = new();
    private readonly GradientShelf _gradients;
    private readonly string _blobHolder;

    /// <summary>Creates the agent.</summary>
    /// <param name="services">Lanes and buffers of the node.</param>
    /// <param name="runRegion">The shard region (or proxy) of runs.</param>
    public WorkerAgent(WorkerServices services, IActorRef runRegion)
    {
        _services = services;
        _runRegion = runRegion;
        _gradients = new GradientShelf(services.Blobs);
        _blobHolder = BlobHolder.PathAt(Akka.Cluster.Cluster.Get(Context.System).SelfAddress);
        Receive<RunOpened>(Open);
        Receive<RunReady>(ready =>
        {
            if (!_opening.Remove(ready.Run.Opened.RunId))
            {
                // Closed meanwhile.
                ready.Run.Dispose();
                return;
            }

            _runs[ready.Run.Opened.RunId] = ready.Run;
            _log.Info("works for run {0}", ready.Run.Opened.RunId);
            Request(ready.Run.Opened.RunId);
        });
        Receive<RunUnfit>(unfit =>
        {
            _opening.Remove(unfit.Opened.RunId);
            _log.Error("cannot work for run {0}: {1}", unfit.Opened.RunId, unfit.Reason);
            unfit.Workforce.Tell(new RunDeclined(unfit.Opened.RunId, _services.WorkerId, unfit.Reason));
        });
        Receive<RunClosed>(closed =>
        {
            _opening.Remove(closed.RunId);
            _gradients.Closed(closed.RunId);
            if (_runs.Remove(closed.RunId, out WorkerRun? run))
            {
                run.Dispose();
                _log.Info("run {0} is over", closed.RunId);
            }
        });
        Receive<BlockLeased>(lease =>
        {
            _gradients.Reached(lease.RunId, lease.Iteration);
            Begin(lease);
        });
        Receive<EvaluationLeased>(Begin);
        Receive<BlobFetched>(Fetched);
        Receive<BlobFetchFailed>(failed =>
        {
            foreach (IBlockLease lease in _parameters.TakeWaiting(failed.Blob))
            {
                Answer(Failed(lease, $"the parameters could not be fetched: {failed.Reason}"));
            }
        });
        Receive<BlockAdapted>(result =>
        {
            _gradients.Add(result);
            Answer(result);
        });
        Receive<BlockFailed>(Answer);
        Receive<BlockEvaluated>(Answer);
        Receive<EvaluationFailed>(Answer);
        Receive<BlockJudged>(judged =>
        {
            _gradients.Judged(judged);
            _log.Debug("block {0} of iteration {1}: {2}", judged.BlockIndex, judged.Iteration, judged.Verdict);
        });
        Receive<RequestAgain>(_ =>
        {
            foreach (RunId runId in _runs.Keys)
            {
                Request(runId);
            }
        });
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart() =>
        Timers.StartPeriodicTimer("request", RequestAgain.Instance, _requestInterval);

    /// <inheritdoc />
    protected override void PostStop()
    {
        foreach (WorkerRun run in _runs.Values)
        {
            run.Dispose();
        }
    }

    private void Open(RunOpened opened)
    {
        if (_runs.ContainsKey(opened.RunId) || !_opening.Add(opened.RunId))
        {
            return;
        }

        IActorRef workforce = Sender;
        Task.Run(() => WorkerRun.Open(opened, _services.Settings.DataDirectory, _services.Lanes.Lanes)).PipeTo(
            Self,
            success: run => new RunReady(run),
            failure: error => new RunUnfit(opened, Explain(error), workforce));
    }

    private void Request(RunId runId) => _runRegion.Tell(new RequestBlocks(runId, _services.WorkerId, _services.Lanes.Lanes));

    private void Begin(IBlockLease lease)
    {
        if (!_runs.TryGetValue(lease.RunId, out WorkerRun? run))
        {
            _log.Debug("block {0} of run {1}, which is closed here, is dropped", lease.Block.Index, lease.RunId);
        }
        else if (_parameters.Find(lease.Parameters) is { } parameters)
        {
            Post(run, lease, parameters);
        }
        else if (_services.Blobs.TryGet(lease.Parameters, out ReadOnlyMemory<byte> bytes))
        {
            Begin(run, lease, bytes);
        }
        else if (_parameters.Await(lease))
        {
            Context.ActorOf(BlobFetcher.Props(lease.Parameters, lease.ParametersHolder));
        }
    }

    private void Fetched(BlobFetched fetched)
    {
        foreach (IBlockLease lease in _parameters.TakeWaiting(fetched.Blob))
        {
            if (_runs.TryGetValue(lease.RunId, out WorkerRun? run))
            {
                Begin(run, lease, fetched.Bytes);
            }
        }
    }

    private void Begin(WorkerRun run, IBlockLease lease, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length != run.Layout.Length * sizeof(float))
        {
            Answer(Failed(lease, $"the parameters have {bytes.Length} bytes, the layout needs {run.Layout.Length * sizeof(float)}"));
            return;
        }

        ParameterVector parameters = _parameters.Find(lease.Parameters) ?? ParameterVector.FromBytes(run.Layout, bytes.Span);
        _parameters.Add(lease.Parameters, parameters);
        Post(run, lease, parameters);
    }

    private void Post(WorkerRun run, IBlockLease lease, ParameterVector parameters)
    {
        IActorRef self = Self;
        _services.Lanes.Post(lane => self.Tell(Compute(lane, run, lease, parameters)));
    }

    private IRunMessage Compute(int lane, WorkerRun run, IBlockLease lease, ParameterVector parameters)
    {
        try
        {
            return lease switch
            {
                BlockLeased training => Adapt(lane, run, training, parameters),
                EvaluationLeased evaluation => new BlockEvaluated(
                    lease.RunId, evaluation.EvaluationId, lease.Block.Index, lease.Attempt, _services.WorkerId,
                    run.Evaluate(lane, parameters, lease.Block, evaluation.InnerSteps)),
                _ => throw new InvalidOperationException($"{lease.GetType().Name} is no lease that this worker knows."),
            };
        }
        catch (OperationCanceledException)
        {
            return Failed(lease, "the run was closed");
        }
#pragma warning disable CA1031 // Whatever fails on a lane is the block's failure, told to the run; the lane lives on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return Failed(lease, Explain(error));
        }
    }

    private void Answer(IRunMessage message) => _runRegion.Tell(message);

    private BlockAdapted Adapt(int lane, WorkerRun run, BlockLeased lease, ParameterVector parameters)
    {
        BlockGradient result = run.Compute(lane, parameters, lease.Iteration, lease.Block);
        BlobId gradient = _services.Blobs.Put(result.GradientSum.Bytes.ToArray());
        return new BlockAdapted(
            lease.RunId, lease.Iteration, lease.Block.Index, lease.Attempt, _services.WorkerId, run.Layout.Digest,
            result.Episodes, gradient, _blobHolder);
    }

    private IRunMessage Failed(IBlockLease lease, string reason) => lease is BlockLeased training
        ? new BlockFailed(lease.RunId, training.Iteration, lease.Block.Index, lease.Attempt, _services.WorkerId, reason)
        : new EvaluationFailed(lease.RunId, ((EvaluationLeased)lease).EvaluationId, lease.Block.Index, lease.Attempt, _services.WorkerId, reason);

    private static string Explain(Exception error) => error switch
    {
        AggregateException { InnerException: { } inner } => Explain(inner),
        ConfigurationException or DataException => error.Message,
        _ => $"{error.GetType().Name}: {error.Message.Split('\n')[0]}",
    };

    private sealed record RunReady(WorkerRun Run);

    private sealed record RunUnfit(RunOpened Opened, string Reason, IActorRef Workforce);

    private sealed class RequestAgain
    {
        public static readonly RequestAgain Instance = new();
    }
}
