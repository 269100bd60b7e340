using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>Everything that a worker can do.</summary>
internal abstract record WorkerEffect
{
    private WorkerEffect()
    {
    }

    /// <summary>Send a message to a run, wherever it is trained.</summary>
    public sealed record TellRun(IRunMessage Message) : WorkerEffect;

    /// <summary>Send a message to the workforce of a coordinator.</summary>
    public sealed record TellWorkforce(Address Coordinator, IControlMessage Message) : WorkerEffect;

    /// <summary>Open a run's data and learners. Answered by <see cref="WorkerInput.RunReady"/> or <see cref="WorkerInput.RunUnfit"/>.</summary>
    /// <param name="Number">Number of this opening; a run may be opened more than once.</param>
    /// <param name="Opened">The coordinator's description of it.</param>
    public sealed record OpenRun(int Number, RunOpened Opened) : WorkerEffect;

    /// <summary>Release what was opened, and end its computations at the next episode.</summary>
    public sealed record CloseRun(int Number) : WorkerEffect;

    /// <summary>
    /// Fetch parameters, or add a holder to a fetch in progress. Answered once by <see cref="WorkerInput.ParametersHere"/> or
    /// <see cref="WorkerInput.ParametersMissed"/>.
    /// </summary>
    public sealed record Fetch(BlobId Version, string Holder) : WorkerEffect;

    /// <summary>Compute a block on a lane that is free. Answered by <see cref="WorkerInput.LaneEnded"/>.</summary>
    /// <param name="Lane">From 0.</param>
    /// <param name="Number">Number of the run's opening.</param>
    /// <param name="Lease">The block.</param>
    /// <param name="Parameters">What to start from.</param>
    public sealed record Compute(int Lane, int Number, BlockLeased Lease, ParameterVector Parameters) : WorkerEffect;

    /// <summary>Release a gradient.</summary>
    public sealed record Release(BlobId Gradient) : WorkerEffect;

    /// <summary>Deliver <see cref="WorkerInput.GraceOver"/> after the grace period.</summary>
    public sealed record StartGrace(TimeSpan Grace) : WorkerEffect;

    /// <summary>Report that nobody needs anything from this worker any more.</summary>
    public sealed record Drained : WorkerEffect;

    /// <summary>Leave the cluster without waiting for others to agree; a node that is a coordinator, too, waits.</summary>
    public sealed record LeaveCluster : WorkerEffect;

    /// <summary>Show that a coordinator has accepted this worker.</summary>
    public sealed record ShowRegistered : WorkerEffect;

    /// <summary>Tell health checks that the worker is well.</summary>
    public sealed record ShowHealth : WorkerEffect;

    /// <summary>End the process, because a coordinator refuses this worker.</summary>
    public sealed record End(string Reason) : WorkerEffect;

    /// <summary>Join anew, because the cluster is lost.</summary>
    public sealed record JoinAnew(string Reason) : WorkerEffect;

    /// <summary>Write a line to the log.</summary>
    public sealed record Log(LogLevel Level, string Template, ImmutableArray<object> Values) : WorkerEffect;
}
