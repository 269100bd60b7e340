using Akka.Actor;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Machine;
using MetaMap.Worker.Tests.Runs;

namespace MetaMap.Worker.Tests.Machine;

public sealed class RunRulesTests
{
    private readonly WorkerLab _worker = new();

    [Fact]
    public void Named_AgainAndAgain_IsOpenedOnceAndAskedForBlocksAtEachTick()
    {
        WorkerEffect.OpenRun open = Assert.IsType<WorkerEffect.OpenRun>(Assert.Single(_worker.Name(Leases.Opened).Effects));
        Assert.Equal(Leases.Opened, open.Opened);
        Assert.Empty(_worker.Name(Leases.Opened).Effects);
        RequestBlocks asked = new(Leases.Opened.RunId, WorkerLab.Id, 2, "direct");
        Assert.Equal([asked], _worker.Take(new WorkerInput.RunReady(open.Number, Leases.Training.Layout, "direct")).Told<RequestBlocks>());
        Assert.Empty(_worker.Name(Leases.Opened).Effects);
        Assert.Equal([asked], _worker.Take(new WorkerInput.Tick(true)).Told<RequestBlocks>());
    }

    [Fact]
    public void RequestAgain_SeveralRuns_EachHasABlockThatWaits() =>
        Assert.Equal([("a", 4), ("b", 4)], _worker.Open("a").Open("b").Take(new WorkerInput.Tick(true)).Told<RequestBlocks>().Select(asked => (asked.RunId.Value, asked.Lanes)));

    [Fact]
    public void Unfit_IsDeclinedToWhoNamedItAndOpenedAgainOnlyWhenItIsAnother()
    {
        RunDeclined declined = new(Leases.Opened.RunId, WorkerLab.Id, "no data", IsBadData: true);
        _worker.Name(Leases.Opened).Take(new WorkerInput.RunUnfit(1, "no data", IsBadData: true));
        Assert.Equal(
            [new WorkerEffect.TellWorkforce(WorkerLab.Coordinator, declined)], _worker.Done<WorkerEffect.TellWorkforce>());
        // Again to whoever names the run: the message may have been lost, or the run may have moved.
        Address other = new("akka.tcp", "metamap", "10.0.0.2", 4053);
        Assert.Equal([new WorkerEffect.TellWorkforce(other, declined)], _worker.Take(new WorkerInput.RunNamed(Leases.Opened, other)).Effects);
        Assert.Empty(_worker.Take(new WorkerInput.Tick(true)).Told<RequestBlocks>());
        Assert.Equal(2, _worker.Name(Leases.Opened with { DatasetDigest = "other" }).Done<WorkerEffect.OpenRun>().Single().Number);
    }

    [Fact]
    public void Over_WhileItIsOpened_IsClosedAndNeverAskedForBlocks()
    {
        _worker.Name(Leases.Opened).Take(new WorkerInput.RunOver(Leases.Opened.RunId)).Name(Leases.Opened);
        Assert.Equal(2, _worker.Done<WorkerEffect.OpenRun>().Single().Number);
        Assert.Equal([new WorkerEffect.CloseRun(1)], _worker.Take(new WorkerInput.RunReady(1, Leases.Training.Layout, "direct")).Effects);
        Assert.Single(_worker.Take(new WorkerInput.RunReady(2, Leases.Training.Layout, "direct")).Told<RequestBlocks>());
    }

    [Fact]
    public void Named_AnotherRunOfTheSameName_TheFormerIsClosedWithItsLeases()
    {
        _worker.Open().Lease(Leases.Lease(0)).Supply().Name(Leases.Opened with { OptionsJson = "{}" });
        Assert.Equal(1, _worker.Done<WorkerEffect.CloseRun>().Single().Number);
        Assert.Equal(2, _worker.Done<WorkerEffect.OpenRun>().Single().Number);
        _worker.Adapt(0, Leases.Lease(0));
        Assert.Equal([new WorkerEffect.Release(WorkerLab.Gradient(1))], _worker.Effects);
    }

    [Fact]
    public void Named_WithAnotherWeight_StaysOpenAndHasIt()
    {
        Assert.Empty(_worker.Open().Name(Leases.Opened with { Weight = 3 }).Effects);
        Assert.Equal(3, _worker.State.Runs.Open.Single().Opened.Weight);
    }

    [Fact]
    public void Tick_RunThatNobodyNamesAnyMore_IsOver()
    {
        _worker.Open();
        _worker.Now = TimeSpan.FromMinutes(1);
        _worker.Name(Leases.Opened);
        _worker.Now = TimeSpan.FromMinutes(2.9);
        Assert.Single(_worker.Take(new WorkerInput.Tick(true)).Told<RequestBlocks>());
        _worker.Now = TimeSpan.FromMinutes(3);
        Assert.Equal([new WorkerEffect.CloseRun(1)], _worker.Take(new WorkerInput.Tick(true)).Done<WorkerEffect.CloseRun>());
        Assert.Empty(_worker.Told<RequestBlocks>());
    }

    [Fact]
    public void Over_NothingOfItIsKept()
    {
        _worker.Open().Lease(Leases.Lease(0)).Lease(Leases.Lease(1)).Lease(Leases.Lease(2)).Supply().Adapt(0, Leases.Lease(0));
        _worker.Take(new WorkerInput.RunOver(Leases.Opened.RunId));
        Assert.Equal([new WorkerEffect.Release(WorkerLab.Gradient(1))], _worker.Done<WorkerEffect.Release>());
        Assert.Equal([new WorkerEffect.CloseRun(1)], _worker.Done<WorkerEffect.CloseRun>());
        Assert.Empty(_worker.State.Desk.Held);
        // Lanes go on in vain, and then the run is forgotten.
        Assert.Empty(_worker.Take(new WorkerInput.LaneEnded(1, Leases.Lease(1).Lease, new BlockOutcome.Cancelled())).Effects);
        Assert.Empty(_worker.Take(new WorkerInput.LaneEnded(0, Leases.Lease(2).Lease, new BlockOutcome.Cancelled())).Effects);
        Assert.Empty(_worker.State.Desk.Shares.Shares);
    }
}
