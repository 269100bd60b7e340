using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>A lease that is not answered yet: it waits for its parameters, then for a lane, then is computed.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Run">Its run.</param>
/// <param name="Parameters">The parameters that it starts from; null until they have arrived.</param>
/// <param name="Lane">The lane that computes it; null before it is begun.</param>
internal sealed record HeldLease(BlockLeased Lease, RunHere Run, ParameterVector? Parameters = null, int? Lane = null)
{
    public LeaseId Id => Lease.Lease;

    /// <summary>It waits for a lane.</summary>
    public bool IsReady => Parameters is not null && Lane is null;
}

/// <summary>What a lane computes.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="BeganAt">When it began.</param>
/// <param name="ChargedSeconds">What its run was charged with.</param>
/// <param name="IsWanted">False when the lease has been answered or dropped in the meantime.</param>
internal sealed record LaneWork(HeldLease Lease, TimeSpan BeganAt, double ChargedSeconds, bool IsWanted = true);

/// <summary>The leases that a worker holds, from their arrival to their answer, and what its lanes do. Pure.</summary>
/// <param name="Held">In the order of arrival.</param>
/// <param name="Lanes">What each lane computes; null for a free one.</param>
/// <param name="Shares">Decides whose block a free lane takes.</param>
internal sealed record LeaseDesk(ImmutableList<HeldLease> Held, ImmutableArray<LaneWork?> Lanes, FairShare Shares)
{
    public static LeaseDesk Idle(int lanes) => new([], [.. new LaneWork?[lanes]], FairShare.Empty);

    public HeldLease? Find(LeaseId id) => Held.Find(held => held.Id == id);

    /// <summary>A lease has arrived.</summary>
    public LeaseDesk Add(HeldLease lease) => (this with { Held = Held.Add(lease) }).Arrive(lease);

    /// <summary>The parameters of a lease have arrived.</summary>
    public LeaseDesk Supply(HeldLease lease, ParameterVector parameters)
    {
        HeldLease ready = lease with { Parameters = parameters };
        return (this with { Held = Put(ready) }).Arrive(ready);
    }

    /// <summary>A free lane begins the oldest block of the run that is next.</summary>
    /// <returns>What begins; null when no lane is free or no block waits.</returns>
    public (LeaseDesk Next, LaneWork? Begun) Begin(TimeSpan now)
    {
        int lane = Lanes.IndexOf(null);
        if (lane < 0 || Shares.Next(Held.Where(held => held.IsReady).Select(held => held.Run.RunId.Value).Distinct()) is not { } run)
        {
            return (this, null);
        }

        HeldLease first = Held.Find(held => held.IsReady && held.Run.RunId.Value == run)!;
        HeldLease begun = first with { Lane = lane };
        (FairShare shares, double charged) = Shares.Begin(run);
        LaneWork work = new(begun, now, charged);
        return (new(Put(begun), Lanes.SetItem(lane, work), shares), work);
    }

    /// <summary>A lane has ended.</summary>
    /// <returns>What it computed; null when this desk did not begin it.</returns>
    public (LeaseDesk Next, LaneWork? Ended) End(int lane, LeaseId id, TimeSpan now)
    {
        if (Lanes[lane] is not { } work || work.Lease.Id != id)
        {
            return (this, null);
        }

        string run = work.Lease.Run.RunId.Value;
        FairShare shares = Shares.End(run, work.ChargedSeconds, (now - work.BeganAt).TotalSeconds);
        return (new(
            work.IsWanted ? Held.RemoveAll(held => held.Id == work.Lease.Id) : Held, Lanes.SetItem(lane, null), work.IsWanted ? shares : shares.Forget(run)), work);
    }

    /// <summary>Leases have been answered or are no longer wanted. A lane that computes one goes on, but its result is ignored.</summary>
    public (LeaseDesk Next, ImmutableArray<HeldLease> Dropped) Drop(Predicate<HeldLease> isMeant)
    {
        ImmutableArray<HeldLease> dropped = [.. Held.Where(held => isMeant(held))];
        return (new(
            Held.RemoveAll(isMeant),
            [.. Lanes.Select(work => work is not null && dropped.Any(held => held.Id == work.Lease.Id) ? work with { IsWanted = false } : work)],
            dropped.Where(held => held.IsReady).Aggregate(Shares, (shares, held) => shares.Withdraw(held.Run.RunId.Value))), dropped);
    }

    /// <summary>A run is over.</summary>
    public LeaseDesk Close(RunId runId)
    {
        (LeaseDesk next, _) = Drop(held => held.Run.RunId == runId);
        return next with { Shares = next.Shares.Forget(runId.Value) };
    }

    private ImmutableList<HeldLease> Put(HeldLease lease) => Held.SetItem(Held.FindIndex(held => held.Id == lease.Id), lease);

    private LeaseDesk Arrive(HeldLease lease) => !lease.IsReady ? this
        : this with { Shares = Shares.Arrive(lease.Run.RunId.Value, lease.Run.Opened.Weight) };
}
