namespace MetaMap.Shared.Messages;

/// <summary>
/// Worker to workforce: I can work. Repeated every few seconds; the answers tell the worker that the coordinator is alive.
/// Answered by <see cref="WorkerRegistered"/> and the open runs, <see cref="WorkerRefused"/> or <see cref="WorkerUnknown"/>.
/// </summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="ProtocolVersion">Must equal the coordinator's.</param>
/// <param name="SoftwareVersion">For information.</param>
/// <param name="Lanes">Blocks it computes at once, 1 or more.</param>
/// <param name="Device">For information, e.g. <c>cpu</c>.</param>
/// <param name="Kernels">How it computes convolutions, for information; empty before its first run.</param>
public sealed record RegisterWorker(
    WorkerId WorkerId, int ProtocolVersion, string SoftwareVersion, int Lanes, string Device, string Kernels) : IControlMessage;

/// <summary>Workforce to worker: welcome.</summary>
/// <param name="WorkerId">The worker.</param>
public sealed record WorkerRegistered(WorkerId WorkerId) : IControlMessage;

/// <summary>Workforce to worker: you cannot work here.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Reason">A readable sentence that names both sides.</param>
public sealed record WorkerRefused(WorkerId WorkerId, string Reason) : IControlMessage;

/// <summary>Workforce to worker: this run wants workers.</summary>
/// <param name="RunId">The run.</param>
/// <param name="OptionsJson"><c>RunOptions</c> as JSON.</param>
/// <param name="DatasetDigest">Digest of the coordinator's dataset; the worker's must be equal.</param>
/// <param name="LayoutDigest">Digest of the run's parameter layout; the worker's must be equal.</param>
/// <param name="Weight">Share of the worker's lanes relative to other runs, above 0.</param>
public sealed record RunOpened(RunId RunId, string OptionsJson, string DatasetDigest, string LayoutDigest, double Weight) : IControlMessage;

/// <summary>Workforce to worker: this run wants no more workers.</summary>
/// <param name="RunId">The run.</param>
public sealed record RunClosed(RunId RunId) : IControlMessage;

/// <summary>
/// Worker to workforce: this worker cannot take part in a run (missing, damaged or other data, another layout, a device that fails).
/// Repeated whenever the run is named again.
/// </summary>
/// <param name="RunId">The run.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Reason">A readable sentence.</param>
/// <param name="IsBadData">Its data is to blame: missing, damaged, not readable, or not the coordinator's.</param>
public sealed record RunDeclined(RunId RunId, WorkerId WorkerId, string Reason, bool IsBadData = false) : IControlMessage;

/// <summary>Workforce to worker: your node is not (or no longer) a member of this coordinator's cluster: join anew.</summary>
/// <param name="WorkerId">The worker.</param>
public sealed record WorkerUnknown(WorkerId WorkerId) : IControlMessage;

/// <summary>Worker to workforce: I am leaving in an orderly way; free my leases at once.</summary>
/// <param name="WorkerId">The worker.</param>
public sealed record WorkerLeaving(WorkerId WorkerId) : IControlMessage;

/// <summary>Worker to workforce: what its lanes have done so far. Repeated every few seconds; a lost one is made up for by the next.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Times">Since it started, all lanes together.</param>
/// <param name="ProcessBytes">Memory of its process.</param>
/// <param name="DeviceBytes">Memory of its GPUs that is in use, by whomever; 0 without one.</param>
public sealed record LanesReported(WorkerId WorkerId, LaneTimes Times, long ProcessBytes = 0, long DeviceBytes = 0) : IControlMessage;

/// <summary>What lanes have done, in lane-seconds: two lanes that compute for a second have computed for two.</summary>
/// <param name="Idle">Without a lease: the lane waits for its run, or there is none.</param>
/// <param name="Parameters">With a lease, while its parameters are on their way.</param>
/// <param name="Data">Loading the content of episodes.</param>
/// <param name="Compute">Computing.</param>
public readonly record struct LaneTimes(double Idle, double Parameters, double Data, double Compute)
{
    /// <summary>All of them.</summary>
    public double Total => Idle + Parameters + Data + Compute;

    /// <summary>Of two sets of lanes together.</summary>
    public static LaneTimes operator +(LaneTimes one, LaneTimes other) => new(
        one.Idle + other.Idle, one.Parameters + other.Parameters, one.Data + other.Data, one.Compute + other.Compute);

    /// <summary>From an earlier to a later moment.</summary>
    public static LaneTimes operator -(LaneTimes later, LaneTimes earlier) => new(
        later.Idle - earlier.Idle, later.Parameters - earlier.Parameters, later.Data - earlier.Data, later.Compute - earlier.Compute);
}
