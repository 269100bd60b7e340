using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker;

/// <summary>
/// Registers the worker with every coordinator of the cluster, again and again, and hands what they say of runs to the
/// agent. When none answers any more, or one has removed this node, the worker has lost its cluster and joins anew.
/// </summary>
public sealed class Registration : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<Address> _coordinators = [];
    private readonly HashSet<Address> _registered = [];
    private readonly WorkerServices _services;
    private readonly TimeProvider _clock = TimeProvider.System;
    private long _heardAt;

    /// <summary>Creates the actor.</summary>
    /// <param name="services">Who the worker is.</param>
    /// <param name="agent">Receives <see cref="RunOpened"/> and <see cref="RunClosed"/>; registered as the worker's address.</param>
    public Registration(WorkerServices services, IActorRef agent)
    {
        _services = services;
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
            var register = new RegisterWorker(
                services.WorkerId, ProtocolVersion.Current, services.SoftwareVersion, services.Lanes.Lanes, WorkerServices.Device, services.Kernels);
            foreach (Address coordinator in _coordinators)
            {
                Context.ActorSelection(Workforce.PathAt(coordinator)).Tell(register);
            }

            ShowHealth();
            CheckWhetherLost();
        });
        Receive<WorkerRegistered>(_ =>
        {
            services.WasRegistered = true;
            _heardAt = _clock.GetTimestamp();
            if (_registered.Add(AddressOf(Sender)))
            {
                _log.Info("registered with the coordinator at {Address} as {WorkerId} with {Lanes} lanes", AddressOf(Sender), services.WorkerId, services.Lanes.Lanes);
            }
        });
        Receive<WorkerUnknown>(_ => _registered.Contains(AddressOf(Sender)), _ => Lose($"the coordinator at {AddressOf(Sender)} was started anew"));
        Receive<ThisActorSystemQuarantinedEvent>(
            quarantined => _coordinators.Contains(quarantined.RemoteAddress),
            quarantined => Lose($"the coordinator at {quarantined.RemoteAddress} has removed this node"));
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
        _heardAt = _clock.GetTimestamp();
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
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

    private void CheckWhetherLost()
    {
        if (_cluster.SelfMember.Status is not (MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up))
        {
            // Finding a coordinator has a timeout of its own. One that dies while this node is joining leaves nobody to end that.
            _heardAt = _clock.GetTimestamp();
        }
        else if (_clock.GetElapsedTime(_heardAt) >= _services.Settings.LostAfter)
        {
            Lose($"no coordinator has answered for {_services.Settings.LostAfter.TotalSeconds:0} s");
        }
    }

    private void Lose(string reason)
    {
        if (!_services.IsLost)
        {
            _services.IsLost = true;
            _log.Warning("the cluster is lost: {Reason}", reason);
            _services.Lost(reason);
        }
    }

    private void ShowHealth()
    {
        if (_registered.Count == 0 || _services.IsLost)
        {
            return;
        }

        try
        {
            _services.Settings.HealthFile?.Write(_services.WorkerId.Value);
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
