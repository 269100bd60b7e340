using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Machine;
using MetaMap.Worker.Runs;

namespace MetaMap.Worker;

/// <summary>The worker's actor. Decides nothing itself: it passes its inputs to <see cref="WorkerMachine"/> and carries out the effects.</summary>
internal sealed class WorkerAgent : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _tickInterval = TimeSpan.FromSeconds(2);

    private readonly WorkerServices _services;
    private readonly IActorRef _runRegion;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly long _startedAt;
    private readonly BlobFetches _fetches;
    private readonly Dictionary<int, WorkerRun> _runs = [];
    private WorkerState _state;
    private IActorRef _drainer = ActorRefs.Nobody;
    private Task _health = Task.CompletedTask;

    public WorkerAgent(WorkerServices services, IActorRef runRegion)
    {
        (_services, _runRegion, _startedAt) = (services, runRegion, services.Time.GetTimestamp());
        _fetches = new BlobFetches(Context, services.Blobs.Gate);
        _state = WorkerState.Begin(services.Profile(BlobHolder.PathAt(_cluster.SelfAddress)), TimeSpan.Zero);
        Receive<WorkerInput>(Step);
        Receive<ClusterEvent.CurrentClusterState>(state => state.Members.ToList().ForEach(Meet));
        Receive<ClusterEvent.MemberUp>(up => Meet(up.Member));
        Receive<ClusterEvent.MemberRemoved>(removed => Step(new WorkerInput.NodeRemoved(removed.Member.Address)));
        Receive<ThisActorSystemQuarantinedEvent>(quarantined => Step(new WorkerInput.CutOff(quarantined.RemoteAddress)));
        Receive<WorkerRegistered>(_ => Step(new WorkerInput.Welcomed(SenderAddress)));
        Receive<WorkerUnknown>(_ => Step(new WorkerInput.Unknown(SenderAddress)));
        Receive<WorkerRefused>(refused => Step(new WorkerInput.Refused(refused.Reason)));
        Receive<RunOpened>(opened => Step(new WorkerInput.RunNamed(opened, SenderAddress)));
        Receive<RunClosed>(closed => Step(new WorkerInput.RunOver(closed.RunId)));
        Receive<BlockLeased>(lease => Step(new WorkerInput.Leased(lease)));
        Receive<BlockJudged>(judged => Step(new WorkerInput.Judged(judged)));
        Receive<Tick>(_ => Step(new WorkerInput.Tick(_cluster.SelfMember.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up)));
        Receive<Drain>(_ =>
        {
            _drainer = Sender;
            Step(new WorkerInput.Drain());
        });
        Receive<RunHasOpened>(opened =>
        {
            _runs[opened.Number] = opened.Run;
            Step(new WorkerInput.RunReady(opened.Number, opened.Run.Layout, opened.Run.Kernels));
        });
        Receive<BlobFetched>(fetched =>
        {
            _fetches.Ended(fetched.Blob);
            Step(new WorkerInput.ParametersHere(fetched.Blob, fetched.Bytes));
        });
        Receive<BlobFetchFailed>(failed =>
        {
            _fetches.Ended(failed.Blob);
            Step(new WorkerInput.ParametersMissed(failed.Blob, failed.Reason));
        });
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    private Address SenderAddress => Sender.Path.Address.HasLocalScope ? _cluster.SelfAddress : Sender.Path.Address;

    /// <inheritdoc />
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.MemberUp), typeof(ClusterEvent.MemberRemoved));
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, _tickInterval);
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        _runs.Values.ToList().ForEach(run => run.Close(_services.Lanes));
    }

    private void Meet(Member member)
    {
        if (member.Status == MemberStatus.Up && member.HasRole(NodeSettings.CoordinatorRole))
        {
            Step(new WorkerInput.CoordinatorUp(member.Address));
        }
    }

    private void Step(WorkerInput input)
    {
        (_state, var effects) = WorkerMachine.Step(_state, input, _services.Time.GetElapsedTime(_startedAt));
        _services.IsTraining = _state.Desk.Lanes.Any(work => work is not null);
        effects.ToList().ForEach(Carry);
    }

    private void Carry(WorkerEffect effect)
    {
        switch (effect)
        {
            case WorkerEffect.TellRun tell: _runRegion.Tell(tell.Message); break;
            case WorkerEffect.TellWorkforce { Message: LanesReported report } tell: Context.ActorSelection(Workforce.PathAt(tell.Coordinator)).Tell(WithMemory(report)); break;
            case WorkerEffect.TellWorkforce tell: Context.ActorSelection(Workforce.PathAt(tell.Coordinator)).Tell(tell.Message); break;
            case WorkerEffect.OpenRun open: Open(open); break;
            case WorkerEffect.CloseRun close when _runs.Remove(close.Number, out WorkerRun? run): run.Close(_services.Lanes); break;
            case WorkerEffect.Fetch fetch when _services.Blobs.TryGet(fetch.Version, out ReadOnlyMemory<byte> bytes): Self.Tell(new WorkerInput.ParametersHere(fetch.Version, bytes)); break;
            case WorkerEffect.Fetch fetch: _fetches.Fetch(fetch.Version, fetch.Holder); break;
            case WorkerEffect.Compute compute: Compute(compute, _runs[compute.Number], Self); break;
            case WorkerEffect.Release release: _services.Blobs.Release(release.Gradient); break;
            case WorkerEffect.StartGrace start: Timers.StartSingleTimer("grace", new WorkerInput.GraceOver(), start.Grace); break;
            case WorkerEffect.LeaveCluster: LeaveCluster(); break;
            case WorkerEffect.Drained: _drainer.Tell(Akka.Done.Instance); break;
            case WorkerEffect.ShowRegistered: _services.WasRegistered = true; break;
            case WorkerEffect.ShowHealth when _health.IsCompleted && _services.Settings.HealthFile is { } file: _health = Task.Run(() => Write(file)); break;
            case WorkerEffect.End end: _services.Refused(end.Reason); break;
            case WorkerEffect.JoinAnew anew:
                _services.Lose(anew.Reason);
                LeaveCluster();
                break;
            case WorkerEffect.Log line: _log.Log(line.Level, line.Template, [.. line.Values]); break;
        }
    }

    // Those who would let it go do not answer: waiting for them would take ten seconds. A node that is a coordinator, too, decides for itself.
    private void LeaveCluster()
    {
        if (!_cluster.SelfRoles.Contains(NodeSettings.CoordinatorRole))
        {
            _cluster.Down(_cluster.SelfAddress);
        }
    }

    // On a disk that hangs, it waits, and the file grows old: that is what it must tell.
    private void Write(HealthFile file) => file.Write(_services.WorkerId.Value, problem => _log.Warning("the health file is not up to date: {Reason}", problem));

    private LanesReported WithMemory(LanesReported report) => report with
    {
        ProcessBytes = Environment.WorkingSet, DeviceBytes = _services.Settings.Devices.Sum(device => device.UsedMemoryBytes ?? 0),
    };

    private void Open(WorkerEffect.OpenRun open)
    {
        EventStream events = Context.System.EventStream;
        Task.Run(() =>
        {
            events.Publish(new HeavyWork(Begins: true));
            try
            {
                return WorkerRun.Open(
                    open.Opened, _services.Settings.DataDirectory, _services.Settings.LaneDevices, _services.Kernels,
                    dataset => _log.Info("reading {Dataset} for run {RunId}", dataset, open.Opened.RunId));
            }
            finally
            {
                events.Publish(new HeavyWork(Begins: false));
            }
        }).PipeTo(
            Self, success: run => new RunHasOpened(open.Number, run), failure: error => new WorkerInput.RunUnfit(open.Number, BlockComputation.Explain(error), BlockComputation.IsBadData(error)));
    }

    private void Compute(WorkerEffect.Compute compute, WorkerRun run, IActorRef self) => _services.Lanes.Run(compute.Lane, () =>
        self.Tell(new WorkerInput.LaneEnded(compute.Lane, compute.Lease.Lease, BlockComputation.Compute(compute.Lane, run, compute.Lease, compute.Parameters, _services.Blobs))));

    private sealed record RunHasOpened(int Number, WorkerRun Run);

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}

/// <summary>
/// Asks the agent, on the same node, to take no new blocks, to give back those not begun, to finish the others within the
/// grace period, and to say good-bye. Answered by <see cref="Akka.Done"/> when no coordinator needs this worker any more.
/// </summary>
internal sealed record Drain
{
    /// <summary>The message.</summary>
    public static Drain Instance { get; } = new();
}
