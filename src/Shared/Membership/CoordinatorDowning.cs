using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;

namespace MetaMap.Shared.Membership;

/// <summary>
/// The Akka downing provider of every node. Coordinators decide by <see cref="DowningPolicy"/> from the heartbeats that they
/// receive; workers decide nothing (see <see cref="NoJudgement"/>). The same on all nodes, as Akka requires of members.
/// </summary>
/// <param name="system">The actor system.</param>
/// <param name="cluster">Its cluster.</param>
internal sealed class CoordinatorDowning(ActorSystem system, Cluster cluster) : IDowningProvider
{
    /// <inheritdoc />
    public TimeSpan DownRemovalMargin => TimeSpan.Zero;

    /// <inheritdoc />
    public Props? DowningActorProps => cluster.SelfRoles.Contains(DowningPolicy.CoordinatorRole)
        ? Props.Create(() => new DowningActor(system)) : null;

    private sealed class DowningActor : ReceiveActor, IWithTimers
    {
        private readonly Cluster _cluster;
        private readonly TimeProvider _clock = TimeProvider.System;
        private readonly long _startedAt;
        private readonly ILoggingAdapter _log;
        private Lasting<UniqueAddress> _silent = Lasting<UniqueAddress>.None;

        public DowningActor(ActorSystem system)
        {
            (_cluster, _startedAt) = (Cluster.Get(system), _clock.GetTimestamp());
            // Named after the outer class: the log would treat this actor's own class as internal to Akka.
            _log = Logging.GetLogger(system, typeof(CoordinatorDowning));
            Receive<Tick>(_ => Act());
            Receive<ThisActorSystemQuarantinedEvent>(quarantined => LeaveAfter(quarantined.RemoteAddress));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart()
        {
            Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
            Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TimeSpan.FromSeconds(1));
        }

        private void Act()
        {
            ClusterEvent.CurrentClusterState state = _cluster.State;
            Member[] present = [.. state.Members.Where(member => member.Status is not (MemberStatus.Down or MemberStatus.Exiting))];
            if (!present.Any(member => member.UniqueAddress == _cluster.SelfUniqueAddress))
            {
                return;
            }

            TimeSpan now = _clock.GetElapsedTime(_startedAt);
            _silent = _silent.Observe(present.Where(IsSilent).Select(member => member.UniqueAddress), now);
            MemberView[] members = [.. present.Select(member => new MemberView(
                member.Address, member.HasRole(DowningPolicy.CoordinatorRole), _silent.For(member.UniqueAddress, now),
                member.Status is MemberStatus.Joining or MemberStatus.WeaklyUp))];
            if (DowningPolicy.Decide(_cluster.SelfAddress, members) is { } decision)
            {
                _log.Warning("{0}", decision.Reason);
                foreach (Address downed in decision.Downed)
                {
                    _cluster.Down(downed);
                }
            }
        }

        private bool IsSilent(Member member) =>
            member.UniqueAddress != _cluster.SelfUniqueAddress && !_cluster.FailureDetector.IsAvailable(member.Address);

        /// <summary>A remaining coordinator has removed this one (which was stopped for a while): it can only come back as a new member.</summary>
        private void LeaveAfter(Address remote)
        {
            if (_cluster.State.Members.Any(member => member.Address == remote && member.HasRole(DowningPolicy.CoordinatorRole)))
            {
                _log.Warning("the coordinator at {0} has removed this node, which leaves and joins anew", remote);
                _cluster.Down(_cluster.SelfAddress);
            }
        }

        private sealed class Tick
        {
            public static readonly Tick Instance = new();
        }
    }
}
