using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using MetaMap.Shared.Security;

namespace MetaMap.Shared.Membership;

/// <summary>
/// Heals a cluster of coordinators when a partition has split it and both halves have stayed. After the partition they have
/// quarantined each other, so no message passes, and only a connection of its own can tell that the other one lives.
/// <see cref="SeedPolicy"/> decides who leaves and joins the other.
/// </summary>
internal sealed class SeedWatch : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);

    // Coordinators that start together need time to find each other, not a probe.
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(20);

    // A busy node answers late.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly IReadOnlyList<string> _seeds;
    private readonly NodeCertificate? _tls;
    private readonly long _startedAt;
    private bool _isProbing;
    private Lasting<string> _answering = Lasting<string>.None;

    /// <summary>Creates the actor.</summary>
    /// <param name="seeds">All coordinators as <c>host:port</c>.</param>
    /// <param name="tls">How nodes show who they are; null without TLS.</param>
    public SeedWatch(IReadOnlyList<string> seeds, NodeCertificate? tls)
    {
        (_seeds, _tls, _startedAt) = (seeds, tls, _clock.GetTimestamp());
        Receive<Tick>(_ => Probe());
        Receive<ImmutableArray<string>>(Judge);
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, _first, _interval);

    private ImmutableArray<string> Members =>
    [
        .. _cluster.State.Members
            .Where(member => member.HasRole(DowningPolicy.CoordinatorRole))
            .Select(member => $"{member.Address.Host}:{member.Address.Port}"),
    ];

    private void Probe()
    {
        if (_isProbing)
        {
            return;
        }

        _isProbing = true;
        string[] missing = [.. _seeds.Except(Members)];
        Task.WhenAll(missing.Select(Answers)).PipeTo(
            Self, success: answers => missing.Where((_, i) => answers[i]).ToImmutableArray(), failure: _ => ImmutableArray<string>.Empty);
    }

    private void Judge(ImmutableArray<string> answering)
    {
        _isProbing = false;
        (_answering, ImmutableArray<string> others) = SeedPolicy.Judge(_seeds, Members, answering, _answering, _clock.GetElapsedTime(_startedAt));
        if (!others.IsEmpty)
        {
            _log.Warning("the coordinator at {0} is in another cluster, which this node joins", string.Join(", ", others));
            _cluster.Down(_cluster.SelfAddress);
        }
    }

    private async Task<bool> Answers(string seed) => await SeedProbe.Problem(seed, _tls, _patience).ConfigureAwait(false) is null;

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
