using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Tests.Runs.Machine;

public sealed class LaneLedgerTests
{
    private static readonly WorkerId _a = new("a");
    private static readonly WorkerId _b = new("b");

    [Fact]
    public void Begin_AllLanesBusy_TheWorkerNoLongerWaits()
    {
        LaneLedger ledger = LaneLedger.Empty.Offer(_a, 2).Begin(_a, Lease(0), TimeSpan.Zero);
        Assert.Equal([_a], ledger.Waiting);
        Assert.Empty(ledger.Begin(_a, Lease(1), TimeSpan.Zero).Waiting);
    }

    [Fact]
    public void Begin_SeveralLanes_WorkersTakeTurns()
    {
        LaneLedger ledger = LaneLedger.Empty.Offer(_a, 2).Offer(_b, 2);
        Assert.Equal([_a, _b], ledger.Waiting);
        ledger = ledger.Begin(_a, Lease(0), TimeSpan.Zero);
        Assert.Equal([_b, _a], ledger.Waiting);
    }

    [Fact]
    public void Offer_Again_KeepsBusyLanesAndPlace()
    {
        LaneLedger ledger = LaneLedger.Empty.Offer(_a, 1).Offer(_b, 1).Begin(_a, Lease(0), TimeSpan.Zero).Offer(_a, 1).Offer(_b, 1);
        Assert.Equal([_b], ledger.Waiting);
        Assert.Equal([_b, _a], ledger.Offer(_a, 2).Waiting);
    }

    [Fact]
    public void End_ItsOwnLease_FreesTheLaneOnce()
    {
        LaneLedger busy = LaneLedger.Empty.Offer(_a, 1).Begin(_a, Lease(0), TimeSpan.Zero);
        LaneLedger free = busy.End(_a, Lease(0));
        Assert.Equal([_a], free.Waiting);
        LaneLedger again = free.Begin(_a, Lease(1), TimeSpan.Zero);
        Assert.Same(again, again.End(_a, Lease(0)));
        Assert.Empty(again.Waiting);
    }

    [Fact]
    public void End_LeaseOrWorkerThatIsUnknown_ChangesNothing()
    {
        LaneLedger busy = LaneLedger.Empty.Offer(_a, 1).Begin(_a, Lease(0), TimeSpan.Zero);
        Assert.Same(busy, busy.End(_a, Lease(0) with { Attempt = 2 }));
        Assert.Same(busy, busy.End(_b, Lease(0)));
        Assert.Same(busy, busy.Begin(_b, Lease(1), TimeSpan.Zero));
    }

    [Fact]
    public void Expire_LeasesPastTheirDeadline_FreeTheirLanes()
    {
        LaneLedger busy = LaneLedger.Empty.Offer(_a, 2).Begin(_a, Lease(0), TimeSpan.FromSeconds(0)).Begin(_a, Lease(1), TimeSpan.FromSeconds(5));
        LaneLedger expired = busy.Expire(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        Assert.Equal([_a], expired.Waiting);
        Assert.Equal([Lease(1)], expired.Workers[_a].Busy.Keys);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Offer_NoLanes_WithdrawsTheWorker(int lanes)
    {
        LaneLedger ledger = LaneLedger.Empty.Offer(_a, 2).Begin(_a, Lease(0), TimeSpan.Zero).Offer(_a, lanes);
        Assert.Empty(ledger.Workers);
        Assert.Empty(ledger.Waiting);
        Assert.Same(ledger, ledger.End(_a, Lease(0)));
    }

    private static LeaseId Lease(int block) => new(new RunId("r"), RoundId.Iteration(1), block, 1);
}
