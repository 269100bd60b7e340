using System.Collections.Immutable;
using MetaMap.Shared.Messages;
using MetaMap.Training.Episodes;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>
/// Which workers have a free lane for a run, longest waiting first, and which leases keep the others busy. Immutable and
/// pure. Only the answer to its own lease frees a lane, so stray answers free nothing.
/// </summary>
/// <param name="Workers">The lanes of each worker.</param>
/// <param name="Waiting">Workers with a free lane, the longest waiting first.</param>
internal sealed record LaneLedger(ImmutableDictionary<WorkerId, LaneAccount> Workers, ImmutableList<WorkerId> Waiting)
{
    /// <summary>No workers.</summary>
    public static LaneLedger Empty { get; } =
        new(ImmutableDictionary<WorkerId, LaneAccount>.Empty, ImmutableList<WorkerId>.Empty);

    /// <summary>A worker offers its lanes (again); 0 lanes withdraws it.</summary>
    public LaneLedger Offer(WorkerId worker, int lanes) => lanes <= 0
        ? Remove(worker)
        : Put(worker, Workers.GetValueOrDefault(worker, LaneAccount.None) with { Lanes = lanes });

    /// <summary>A lane of a worker begins a block; the worker goes to the end of the queue.</summary>
    public LaneLedger Begin(WorkerId worker, LeaseId lease, TimeSpan now) => Workers.TryGetValue(worker, out LaneAccount? account)
        ? (this with { Waiting = Waiting.Remove(worker) }).Put(worker, account with { Busy = account.Busy.SetItem(lease, now) })
        : this;

    /// <summary>A lease was answered: its lane is free again.</summary>
    public LaneLedger End(WorkerId worker, LeaseId lease) =>
        Workers.TryGetValue(worker, out LaneAccount? account) && account.Busy.ContainsKey(lease)
            ? Put(worker, account with { Busy = account.Busy.Remove(lease) })
            : this;

    /// <summary>Frees the lanes of leases that were not answered in time.</summary>
    public LaneLedger Expire(TimeSpan now, TimeSpan deadline) => Workers
        .OrderBy(worker => worker.Key.Value, StringComparer.Ordinal)
        .SelectMany(worker => worker.Value.Busy.Where(busy => now - busy.Value >= deadline).Select(busy => (Worker: worker.Key, Lease: busy.Key)))
        .Aggregate(this, (ledger, late) => ledger.End(late.Worker, late.Lease));

    /// <summary>A worker has left.</summary>
    public LaneLedger Remove(WorkerId worker) => new(Workers.Remove(worker), Waiting.Remove(worker));

    /// <summary>Leases blocks to waiting workers, one each in turn, until lanes or blocks run out.</summary>
    /// <param name="id">Names the leases.</param>
    /// <param name="round">The round, of training or of an evaluation.</param>
    /// <param name="now">Elapsed time.</param>
    /// <param name="policy">When blocks are leased again.</param>
    public (MetaRound Round, LaneLedger Lanes, ImmutableArray<BlockAssignment> Assignments) Assign(RoundId id, MetaRound round, TimeSpan now, LeasePolicy policy)
    {
        var assignments = ImmutableArray.CreateBuilder<BlockAssignment>();
        LaneLedger lanes = this;
        string[] live = [.. Workers.Keys.Select(worker => worker.Value)];
        var refused = new HashSet<WorkerId>();
        while (lanes.Waiting.FirstOrDefault(worker => !refused.Contains(worker)) is { Value: not null } worker)
        {
            (round, BlockProgress? leased) = MetaRoundPolicy.Lease(round, worker.Value, live, now, policy);
            if (leased is null)
            {
                refused.Add(worker);
                continue;
            }

            LeaseId lease = new(new RunId(round.RunId), id, leased.Block.Index, leased.Attempts);
            lanes = lanes.Begin(worker, lease, now);
            assignments.Add(new BlockAssignment(worker, lease, leased.Block, leased.Leases[^1].IsSpeculative));
        }

        return (round, lanes, assignments.ToImmutable());
    }

    private LaneLedger Put(WorkerId worker, LaneAccount account) => new(
        Workers.SetItem(worker, account),
        !account.IsFree ? Waiting.Remove(worker) : Waiting.Contains(worker) ? Waiting : Waiting.Add(worker));
}

/// <summary>One worker's lanes.</summary>
/// <param name="Lanes">Blocks that it computes at once.</param>
/// <param name="Busy">Leases that it has not answered, and when they began.</param>
internal sealed record LaneAccount(int Lanes, ImmutableDictionary<LeaseId, TimeSpan> Busy)
{
    /// <summary>No lanes.</summary>
    public static LaneAccount None { get; } = new(0, ImmutableDictionary<LeaseId, TimeSpan>.Empty);

    /// <summary>True while a lane waits for work.</summary>
    public bool IsFree => Busy.Count < Lanes;
}

/// <summary>A block assigned to a worker.</summary>
/// <param name="Worker">Who computes it.</param>
/// <param name="Lease">Which block, and how often it has been leased.</param>
/// <param name="Block">The episodes.</param>
/// <param name="IsSpeculative">A copy of a block that another worker holds.</param>
internal sealed record BlockAssignment(WorkerId Worker, LeaseId Lease, EpisodeBlock Block, bool IsSpeculative = false);
