using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker;

/// <summary>
/// Registers the worker with every coordinator of the cluster, again whenever one comes or comes back, and hands what
/// they say of runs to the agent.
/// </summary>
public sealed class Registration : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<Address> _coordinators = [];
    private readonly HashSet<Address> _registered = [];

    /// <summary>Creates the actor.</summary>
    /// <param name="services">Who the worker is.</param>
    /// <param name="agent">Receives <see cref="RunOpened"/> and <see cref="RunClosed"/>; registered as the worker's address.</param>
    public Registration(WorkerServices services, IActorRef agent)
    {
        var register = new RegisterWorker(
            services.WorkerId, ProtocolVersion.Current, services.SoftwareVersion, services.Lanes.Lanes, WorkerServices.Device);
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            foreach (Member member in state.Members)
            {
                Consider(member);
            }
        });
        Receive<ClusterEvent.MemberUp>(up => Consider(up.Member));
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            _coordinators.Remove(removed.Member.Address);
            _registered.Remove(removed.Member.Address);
        });
        Receive<Tick>(_ =>
        {
            foreach (Address coordinator in _coordinators.Except(_registered))
            {
                Context.ActorSelection(Workforce.PathAt(coordinator)).Tell(register);
            }

            ShowHealth(services);
        });
        Receive<WorkerRegistered>(_ =>
        {
            services.WasRegistered = true;
            if (_registered.Add(AddressOf(Sender)))
            {
                _log.Info("registered with the coordinator at {Address} as {WorkerId} with {Lanes} lanes", AddressOf(Sender), services.WorkerId, services.Lanes.Lanes);
            }
        });
        Receive<WorkerRefused>(refused => services.Refused(refused.Reason));
        Receive<RunOpened>(agent.Forward);
        Receive<RunClosed>(agent.Forward);
        Receive<Leave>(_ =>
        {
            foreach (Address coordinator in _registered)
            {
                Context.ActorSelection(Workforce.PathAt(coordinator)).Tell(new WorkerLeaving(services.WorkerId));
            }

            Sender.Tell(Akka.Done.Instance);
        });
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.MemberUp), typeof(ClusterEvent.MemberRemoved));
        Timers.StartPeriodicTimer("register", Tick.Instance, _interval);
    }

    /// <inheritdoc />
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Consider(Member member)
    {
        if (member.Status == MemberStatus.Up && member.HasRole(NodeSettings.CoordinatorRole) && _coordinators.Add(member.Address))
        {
            Self.Tell(Tick.Instance);
        }
    }

    private void ShowHealth(WorkerServices services)
    {
        if (_registered.Count == 0)
        {
            return;
        }

        try
        {
            services.Settings.HealthFile?.Write(services.WorkerId.Value);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.Warning("the health file is not up to date: {Reason}", error.Message);
        }
    }

    private Address AddressOf(IActorRef actor) => actor.Path.Address.HasLocalScope ? _cluster.SelfAddress : actor.Path.Address;

    /// <summary>Ask: tell every coordinator that this worker leaves; answered by <see cref="Akka.Done"/>.</summary>
    public sealed class Leave
    {
        /// <summary>The message.</summary>
        public static Leave Instance { get; } = new();
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
