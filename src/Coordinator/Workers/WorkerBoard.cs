using System.Collections.Concurrent;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Workers;

/// <summary>The public state of a worker.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Address">Its node's address.</param>
/// <param name="SoftwareVersion">Its version.</param>
/// <param name="Lanes">Blocks that it computes at once.</param>
/// <param name="Device">E.g. <c>cpu</c>.</param>
/// <param name="Kernels">How it computes convolutions, e.g. <c>direct</c>; empty before its first run.</param>
/// <param name="CountedBlocks">Results that counted.</param>
/// <param name="CountedEpisodes">Episodes in them.</param>
public sealed record WorkerSnapshot(
    WorkerId WorkerId, string Address, string SoftwareVersion, int Lanes, string Device, string Kernels, long CountedBlocks, long CountedEpisodes)
{
    /// <summary>The <see cref="Status"/> of a worker that is ready.</summary>
    public const string ReadyStatus = "ready";

    /// <summary>What its lanes have done since it started, as it last reported; 0 before the first report.</summary>
    public LaneTimes Times { get; init; }

    /// <summary>Memory of its process, as it last reported; 0 before the first report.</summary>
    public long ProcessBytes { get; init; }

    /// <summary>Memory of its GPUs that is in use, by whomever; 0 without one.</summary>
    public long DeviceBytes { get; init; }

    /// <summary>True while its node cannot be reached.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>The open run that it cannot compute, and why; null while there is none.</summary>
    public RunDeclined? Declined { get; init; }

    /// <summary>True when it takes part in every open run.</summary>
    public bool IsReady => !IsUnreachable && Excluded is null && Declined is null;

    /// <summary><see cref="ReadyStatus"/>, <c>unreachable</c>, or why it does not take part.</summary>
    public string Status => IsReady ? ReadyStatus
        : IsUnreachable ? "unreachable"
        : Excluded is not null ? $"excluded from run {Excluded.RunId}: {Excluded.Reason}"
        : $"declined run {Declined!.RunId}: {Declined.Reason}";

    /// <summary>The run that it is excluded from, and why; null where its results were never disproved.</summary>
    internal WorkerExcluded? Excluded { get; init; }
}

/// <summary>The read model of the workers of this node. Thread-safe; written by the workforce actor only.</summary>
public sealed class WorkerBoard
{
    private readonly ConcurrentDictionary<WorkerId, WorkerSnapshot> _workers = new();

    /// <summary>All workers, by name.</summary>
    public IReadOnlyList<WorkerSnapshot> Workers => [.. _workers.Values.OrderBy(worker => worker.WorkerId.Value, StringComparer.Ordinal)];

    /// <summary>Adds or replaces a worker.</summary>
    public void Publish(WorkerSnapshot worker) => _workers[worker.WorkerId] = worker;

    /// <summary>Changes a worker that is known.</summary>
    public void Update(WorkerId workerId, Func<WorkerSnapshot, WorkerSnapshot> change)
    {
        if (_workers.TryGetValue(workerId, out WorkerSnapshot? worker))
        {
            _workers[workerId] = change(worker);
        }
    }

    /// <summary>Removes a worker.</summary>
    public void Remove(WorkerId workerId) => _workers.TryRemove(workerId, out _);
}
