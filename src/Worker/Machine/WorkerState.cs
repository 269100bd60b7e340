using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>Who a worker is.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Lanes">Blocks that it computes at once.</param>
/// <param name="SoftwareVersion">Of its build.</param>
/// <param name="Device">What it computes on.</param>
/// <param name="BlobHolder">Path by which its gradients are fetched.</param>
/// <param name="Grace">How long it goes on with what it has begun when it is to end.</param>
/// <param name="LostAfter">How long no coordinator may be silent.</param>
internal sealed record WorkerProfile(
    WorkerId Id, int Lanes, string SoftwareVersion, string Device, string BlobHolder, TimeSpan Grace, TimeSpan LostAfter);

/// <summary>All that a worker knows, as an immutable value; <see cref="WorkerMachine"/> changes it.</summary>
/// <param name="Profile">Who it is.</param>
/// <param name="Contact">Its coordinators.</param>
/// <param name="Desk">The leases that it holds, and its lanes.</param>
internal sealed record WorkerState(WorkerProfile Profile, Contact Contact, LeaseDesk Desk)
{
    /// <summary>The runs that it takes part in.</summary>
    public OpenRuns Runs { get; init; } = OpenRuns.None;

    /// <summary>The parameter versions that it has.</summary>
    public ParameterVersions Versions { get; init; } = ParameterVersions.None;

    /// <summary>The gradients that it holds for coordinators.</summary>
    public GradientShelf Shelf { get; init; } = GradientShelf.Empty;

    /// <summary>All the ways in which it computes convolutions, for people.</summary>
    public ImmutableSortedSet<string> Kernels { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Whether it is on its way out.</summary>
    public Departure Departure { get; init; }

    /// <summary>A worker that has just started.</summary>
    public static WorkerState Begin(WorkerProfile profile, TimeSpan now) => new(profile, Contact.None(now), LeaseDesk.Idle(profile.Lanes));
}

/// <summary>Whether a worker is on its way out.</summary>
internal enum Departure
{
    /// <summary>It takes leases.</summary>
    None,

    /// <summary>It takes no leases, and ends what it has begun.</summary>
    Draining,

    /// <summary>It has said good-bye.</summary>
    Gone,
}

/// <summary>The parameter versions of a node: each is fetched once, however many blocks start from it. The newest few are kept.</summary>
/// <param name="Kept">The newest last.</param>
internal sealed record ParameterVersions(ImmutableList<(BlobId Version, ParameterVector Parameters)> Kept)
{
    private const int Most = 4;

    public static ParameterVersions None { get; } = new([]);

    public ParameterVector? Find(BlobId version) => Kept.Find(kept => kept.Version == version).Parameters;

    public ParameterVersions Add(BlobId version, ParameterVector parameters) => Find(version) is not null ? this
        : new((Kept.Count < Most ? Kept : Kept.RemoveAt(0)).Add((version, parameters)));
}
