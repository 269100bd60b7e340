using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace MetaMap.Shared.Membership;

/// <summary>
/// The failure detector of workers: it never suspects anybody. In Akka one member's suspicion holds for the whole
/// cluster, so a single worker with a bad link could keep others from joining, or have a coordinator removed.
/// Coordinators watch every member; a worker that no longer hears from any coordinator joins anew.
/// </summary>
/// <param name="config">The detector's configuration; not used.</param>
/// <param name="events">The actor system's event stream; not used.</param>
#pragma warning disable CS9113 // Akka creates a detector with these two arguments.
internal sealed class NoJudgement(Config config, EventStream events) : FailureDetector
#pragma warning restore CS9113
{
    private volatile bool _isMonitoring;

    /// <inheritdoc />
    public override bool IsAvailable => true;

    /// <inheritdoc />
    public override bool IsMonitoring => _isMonitoring;

    /// <inheritdoc />
    public override void HeartBeat() => _isMonitoring = true;
}
