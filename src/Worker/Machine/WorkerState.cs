using System.Collections.Immutable;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>A worker's identity and fixed properties.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Lanes">Blocks that it computes at once.</param>
/// <param name="SoftwareVersion">Version of its build.</param>
/// <param name="Device">What it computes on.</param>
/// <param name="BlobHolder">Path by which its gradients are fetched.</param>
/// <param name="Grace">How long it goes on with begun blocks when it is told to stop.</param>
internal sealed record WorkerProfile(
    WorkerId Id, int Lanes, string SoftwareVersion, string Device, string BlobHolder, TimeSpan Grace);

/// <summary>Everything that a worker knows, as an immutable value; <see cref="WorkerMachine"/> computes the next one.</summary>
/// <param name="Profile">Its identity and fixed properties.</param>
/// <param name="Contact">Its coordinators.</param>
/// <param name="Desk">The leases that it holds, and its lanes.</param>
internal sealed record WorkerState(WorkerProfile Profile, Contact Contact, LeaseDesk Desk)
{
    /// <summary>What its lanes have done.</summary>
    public required LaneClock Clock { get; init; }

    /// <summary>The runs that it takes part in.</summary>
    public OpenRuns Runs { get; init; } = OpenRuns.None;

    /// <summary>The parameter versions that it has.</summary>
    public ParameterVersions Versions { get; init; } = ParameterVersions.None;

    /// <summary>The gradients that it holds for coordinators.</summary>
    public GradientShelf Shelf { get; init; } = GradientShelf.Empty;

    /// <summary>All the ways in which it has computed convolutions, for information.</summary>
    public ImmutableSortedSet<string> Kernels { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Whether it is leaving.</summary>
    public Departure Departure { get; init; }

    /// <summary>A worker that has just started.</summary>
    public static WorkerState Begin(WorkerProfile profile, TimeSpan now) => new(profile, Contact.None(now), LeaseDesk.Idle(profile.Lanes)) { Clock = new(now, default) };
}

/// <summary>Whether a worker is leaving.</summary>
internal enum Departure
{
    /// <summary>It takes leases.</summary>
    None,

    /// <summary>It takes no leases, and finishes what it has begun.</summary>
    Draining,

    /// <summary>It has said good-bye.</summary>
    Gone,
}
