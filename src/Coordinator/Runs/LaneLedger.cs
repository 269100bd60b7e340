using System.Collections.Immutable;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>Which workers have a free lane for a run, in the order of their waiting. Immutable and pure.</summary>
/// <param name="Workers">By worker.</param>
/// <param name="Waiting">Workers with a free lane, the longest waiting first.</param>
public sealed record LaneLedger(ImmutableDictionary<WorkerId, LaneAccount> Workers, ImmutableList<WorkerId> Waiting)
{
    /// <summary>No workers.</summary>
    public static LaneLedger Empty { get; } =
        new(ImmutableDictionary<WorkerId, LaneAccount>.Empty, ImmutableList<WorkerId>.Empty);

    /// <summary>A worker offers its lanes (again); 0 lanes withdraws it.</summary>
    public LaneLedger Offer(WorkerId worker, int lanes)
    {
        if (lanes <= 0)
        {
            return Remove(worker);
        }

        LaneAccount account = Workers.GetValueOrDefault(worker, new LaneAccount(lanes, 0)) with { Lanes = lanes };
        return Put(worker, account);
    }

    /// <summary>A lane of a worker begins a block; the worker goes to the end of the queue.</summary>
    public LaneLedger Begin(WorkerId worker) => Change(worker, +1);

    /// <summary>A lane of a worker is free again.</summary>
    public LaneLedger End(WorkerId worker) => Change(worker, -1);

    /// <summary>A worker has left.</summary>
    public LaneLedger Remove(WorkerId worker) => new(Workers.Remove(worker), Waiting.Remove(worker));

    private LaneLedger Change(WorkerId worker, int blocks) => Workers.TryGetValue(worker, out LaneAccount account)
        ? Put(worker, account with { Busy = Math.Max(0, account.Busy + blocks) })
        : this;

    private LaneLedger Put(WorkerId worker, LaneAccount account)
    {
        bool free = account.Busy < account.Lanes;
        bool waits = Waiting.Contains(worker);
        bool began = account.Busy > Workers.GetValueOrDefault(worker).Busy;
        ImmutableList<WorkerId> waiting = waits && (began || !free) ? Waiting.Remove(worker) : Waiting;
        return new(Workers.SetItem(worker, account), free && !waiting.Contains(worker) ? waiting.Add(worker) : waiting);
    }
}

/// <summary>One worker's lanes.</summary>
/// <param name="Lanes">Blocks that it computes at once.</param>
/// <param name="Busy">Blocks that it has been leased and not answered.</param>
public readonly record struct LaneAccount(int Lanes, int Busy);
