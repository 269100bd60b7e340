using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>All that a worker does.</summary>
internal abstract record WorkerEffect
{
    private WorkerEffect()
    {
    }

    /// <summary>Tell a run, wherever it is trained.</summary>
    public sealed record TellRun(IRunMessage Message) : WorkerEffect;

    /// <summary>Tell the workforce of a coordinator.</summary>
    public sealed record TellWorkforce(Address Coordinator, IControlMessage Message) : WorkerEffect;

    /// <summary>Open a run's data and learners. Answered by <see cref="WorkerInput.RunReady"/> or <see cref="WorkerInput.RunUnfit"/>.</summary>
    /// <param name="Number">Of this opening; a run may be opened more than once.</param>
    /// <param name="Opened">What the coordinator said of it.</param>
    public sealed record OpenRun(int Number, RunOpened Opened) : WorkerEffect;

    /// <summary>Let go of what was opened, and end what is computed with it at the next episode.</summary>
    public sealed record CloseRun(int Number) : WorkerEffect;

    /// <summary>Fetch parameters, or name another holder of those that are being fetched. Answered once by <see cref="WorkerInput.ParametersHere"/> or <see cref="WorkerInput.ParametersMissed"/>.</summary>
    public sealed record Fetch(BlobId Version, string Holder) : WorkerEffect;

    /// <summary>Compute a block on a lane that is free. Answered by <see cref="WorkerInput.LaneEnded"/>.</summary>
    /// <param name="Lane">From 0.</param>
    /// <param name="Number">Of the run's opening.</param>
    /// <param name="Lease">The block.</param>
    /// <param name="Parameters">What to start from.</param>
    public sealed record Compute(int Lane, int Number, BlockLeased Lease, ParameterVector Parameters) : WorkerEffect;

    /// <summary>Hold a gradient no longer.</summary>
    public sealed record Release(BlobId Gradient) : WorkerEffect;

    /// <summary>Give <see cref="WorkerInput.GraceOver"/> after a while.</summary>
    public sealed record StartGrace(TimeSpan Grace) : WorkerEffect;

    /// <summary>Nobody needs anything of this worker any more.</summary>
    public sealed record Drained : WorkerEffect;

    /// <summary>A coordinator knows this worker.</summary>
    public sealed record ShowRegistered : WorkerEffect;

    /// <summary>The worker is well: say so to health checks.</summary>
    public sealed record ShowHealth : WorkerEffect;

    /// <summary>A coordinator refuses this worker: its process ends.</summary>
    public sealed record End(string Reason) : WorkerEffect;

    /// <summary>The cluster is lost: this node joins anew.</summary>
    public sealed record JoinAnew(string Reason) : WorkerEffect;

    /// <summary>A line in the log.</summary>
    public sealed record Log(LogLevel Level, string Template, ImmutableArray<object> Values) : WorkerEffect;
}
