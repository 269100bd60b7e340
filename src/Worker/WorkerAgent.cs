using Akka.Actor;
using Akka.Event;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Runs;

namespace MetaMap.Worker;

/// <summary>
/// The worker: asks open runs for blocks, has them computed on the lanes, and answers. <see cref="Registration"/> tells it
/// of runs; <see cref="Drain"/> ends its work in good order.
/// </summary>
public sealed partial class WorkerAgent : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _requestInterval = TimeSpan.FromSeconds(2);

    private readonly WorkerServices _services;
    private readonly IActorRef _runRegion;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly OpenRuns _runs = new();
    private readonly BlockComputation _computation;
    private readonly LeaseDesk _desk;
    private readonly GradientShelf _gradients;
    private readonly BlobFetches _fetches;

    /// <summary>Creates the agent.</summary>
    /// <param name="services">Lanes and buffers of the node.</param>
    /// <param name="runRegion">The shard region (or proxy) of runs.</param>
    public WorkerAgent(WorkerServices services, IActorRef runRegion)
    {
        (_services, _runRegion, IActorRef self) = (services, runRegion, Self);
        _fetches = new BlobFetches(Context, services.Blobs.Gate);
        _gradients = new GradientShelf(services.Blobs);
        _computation = new BlockComputation(
            services.WorkerId, services.Blobs, BlobHolder.PathAt(Akka.Cluster.Cluster.Get(Context.System).SelfAddress));
        _desk = new LeaseDesk(services.Lanes, services.Blobs, _computation, lease => _fetches.Fetch(lease.Parameters, lease.ParametersHolder), answer => self.Tell(answer));
        Become(Working);
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart() =>
        Timers.StartPeriodicTimer("request", RequestAgain.Instance, _requestInterval);

    /// <inheritdoc />
    protected override void PostStop() => _runs.Ids.ToList().ForEach(Close);

    private void Working()
    {
        Receive<RunOpened>(opened => _runs.Begin(opened), Open);
        Receive<RunReady>(ready => _runs.Add(ready.Run), ready =>
        {
            _log.Info("works for run {RunId}, convolutions: {Kernels}", ready.Run.Opened.RunId, ready.Run.Kernels);
            _services.Computes(ready.Run.Kernels);
            Request(ready.Run.Opened.RunId, _services.Lanes.Lanes);
        });
        Receive<RunUnfit>(unfit =>
        {
            _runs.Decline(unfit.Opened);
            _log.Error("cannot work for run {RunId}: {Reason}", unfit.Opened.RunId, unfit.Reason);
            unfit.Workforce.Tell(new RunDeclined(unfit.Opened.RunId, _services.WorkerId, unfit.Reason));
        });
        Receive<IBlockLease>(Take);
        Receive<RequestAgain>(_ => _runs.Ids.ToList().ForEach(run => Request(run, LeasesWanted)));
        Receive<Drain>(_ => BeginDraining());
        ReceiveAnswers(() => { });
    }

    private void ReceiveAnswers(Action afterwards)
    {
        Receive<BlobFetched>(fetched =>
        {
            _fetches.Ended(fetched.Blob);
            _desk.Fetched(fetched, _runs.Find);
        });
        Receive<BlobFetchFailed>(failed =>
        {
            _fetches.Ended(failed.Blob);
            _desk.Missed(failed);
        });
        Receive<BlockJudged>(judged =>
        {
            _gradients.Judged(judged);
            _log.Debug("block {Block} of iteration {Iteration} of run {RunId}: {Verdict}", judged.BlockIndex, judged.Iteration, judged.RunId, judged.Verdict);
            afterwards();
        });
        Receive<RunClosed>(closed =>
        {
            Close(closed.RunId);
            afterwards();
        });
        Receive<IRunMessage>(answer =>
        {
            if (_desk.Answered(answer))
            {
                if (answer is BlockAdapted result)
                {
                    _gradients.Add(result);
                }

                Answer(answer);
            }
            else if (answer is BlockAdapted late)
            {
                _services.Blobs.Release(late.Gradient);
            }

            afterwards();
        });
    }

    private void Open(RunOpened opened)
    {
        IActorRef workforce = Sender;
        Task.Run(() => WorkerRun.Open(opened, _services.Settings.DataDirectory, _services.Lanes.Lanes, _services.Settings.Kernels)).PipeTo(
            Self,
            success: run => new RunReady(run),
            failure: error => new RunUnfit(opened, BlockComputation.Explain(error), workforce));
    }

    private void Close(RunId runId)
    {
        _gradients.Closed(runId);
        _desk.Drop(runId);
        if (_runs.Close(runId))
        {
            _log.Info("run {RunId} is over", runId);
        }
    }

    private void Take(IBlockLease lease)
    {
        if (lease is BlockLeased training)
        {
            _gradients.Reached(lease.RunId, training.Iteration);
        }

        if (_runs.Find(lease.RunId) is { } run)
        {
            _desk.Take(run, lease);
        }
        else
        {
            _log.Debug("block {Block} of run {RunId}, which is closed here, is dropped", lease.Block.Index, lease.RunId);
        }
    }

    // Of several runs each needs a block that waits, or a free lane could only choose the run whose next block came first.
    private int LeasesWanted => _services.Lanes.Lanes * (_runs.Ids.Count() > 1 ? 2 : 1);

    private void Request(RunId runId, int lanes) => _runRegion.Tell(new RequestBlocks(runId, _services.WorkerId, lanes, _runs.Find(runId)?.Kernels ?? ""));

    private void Answer(IRunMessage message) => _runRegion.Tell(message);

    private sealed record RunReady(WorkerRun Run);

    private sealed record RunUnfit(RunOpened Opened, string Reason, IActorRef Workforce);

    private sealed record RequestAgain
    {
        public static readonly RequestAgain Instance = new();
    }
}
