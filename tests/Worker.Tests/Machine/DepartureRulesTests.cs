using MetaMap.Shared.Messages;
using MetaMap.Training.Rounds;
using MetaMap.Worker.Machine;
using MetaMap.Worker.Tests.Runs;

namespace MetaMap.Worker.Tests.Machine;

public sealed class DepartureRulesTests
{
    private readonly WorkerLab _worker = new(lanes: 1);

    [Fact]
    public void Drain_NothingToDo_SaysGoodbyeAtOnceAndRegistersNoMore()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(WorkerLab.Coordinator)).Take(new WorkerInput.Welcomed(WorkerLab.Coordinator)).Open();
        _worker.Take(new WorkerInput.Drain());
        Assert.Equal(0, _worker.Told<RequestBlocks>().Single().Lanes);
        Assert.Equal([new WorkerEffect.TellWorkforce(WorkerLab.Coordinator, new WorkerLeaving(WorkerLab.Id)), new WorkerEffect.Drained()], _worker.Effects.TakeLast(2));
        Assert.Empty(_worker.Take(new WorkerInput.Tick(true)).Done<WorkerEffect.TellWorkforce>());
        Assert.Empty(_worker.Take(new WorkerInput.GraceOver()).Done<WorkerEffect.Drained>());
    }

    [Fact]
    public void Drain_WithLeases_ReturnsWhatIsNotBegunAndWaitsForTheVerdictsOfTheOthers()
    {
        _worker.Open().Lease(Leases.Lease(0)).Lease(Leases.Lease(1)).Supply().Lease(Leases.Lease(2) with { Parameters = new BlobId("absent", 4) });
        _worker.Take(new WorkerInput.Drain());
        Assert.Equal([1, 2], _worker.Told<BlockReturned>().Select(returned => returned.Lease.Block));
        Assert.Equal(TimeSpan.FromSeconds(20), _worker.Done<WorkerEffect.StartGrace>().Single().Grace);

        // What was on its way is returned, too; what is computed is not, though its lease came twice.
        Assert.Equal("the worker leaves", _worker.Lease(Leases.Lease(3)).Told<BlockReturned>().Single().Reason);
        Assert.Empty(_worker.Lease(Leases.Lease(0)).Effects);
        Assert.Single(_worker.Adapt(0, Leases.Lease(0)).Told<BlockAdapted>());
        Assert.Empty(_worker.Done<WorkerEffect.Drained>());
        _worker.Take(new WorkerInput.Judged(new BlockJudged(Leases.Lease(0).Lease, WorkerLab.Gradient(1), BlockVerdict.Counted)));
        Assert.Single(_worker.Done<WorkerEffect.Drained>());
    }

    [Fact]
    public void GraceOver_WhatIsNotDone_IsReturnedAndNotAnsweredTwice()
    {
        _worker.Open().Lease(Leases.Lease(0)).Supply().Take(new WorkerInput.Drain());
        Assert.Empty(_worker.Done<WorkerEffect.Drained>());
        _worker.Take(new WorkerInput.GraceOver());
        Assert.Equal("the worker leaves, and the block was not done in time", _worker.Told<BlockReturned>().Single().Reason);
        Assert.Single(_worker.Done<WorkerEffect.Drained>());
        Assert.Equal([new WorkerEffect.Release(WorkerLab.Gradient(1))], _worker.Adapt(0, Leases.Lease(0)).Effects);
    }

    [Fact]
    public void GraceOver_VerdictThatNeverComes_SaysGoodbye()
    {
        _worker.Open().Lease(Leases.Lease(0)).Supply().Take(new WorkerInput.Drain());
        Assert.Empty(_worker.Adapt(0, Leases.Lease(0)).Done<WorkerEffect.Drained>());
        Assert.Single(_worker.Take(new WorkerInput.GraceOver()).Done<WorkerEffect.Drained>());
    }

    /// <summary>A dead coordinator judges nothing, and lets nobody go.</summary>
    [Fact]
    public void Tick_LeavesWhileNoCoordinatorAnswers_GivesUpAndWaitsForNobody()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(WorkerLab.Coordinator)).Take(new WorkerInput.Welcomed(WorkerLab.Coordinator)).Open();
        _worker.Lease(Leases.Lease(0)).Supply().Take(new WorkerInput.Drain());
        _worker.Now = TimeSpan.FromSeconds(4.9);
        Assert.Empty(_worker.Take(new WorkerInput.Tick(true)).Done<WorkerEffect.Drained>());
        _worker.Now = TimeSpan.FromSeconds(5);
        _worker.Take(new WorkerInput.Tick(true));
        Assert.Single(_worker.Told<BlockReturned>());
        Assert.Single(_worker.Done<WorkerEffect.Drained>());
        Assert.Single(_worker.Done<WorkerEffect.LeaveCluster>());
    }

    [Fact]
    public void Tick_HasSaidGoodbyeAndNobodyLetsItGo_WaitsForNobody()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(WorkerLab.Coordinator)).Take(new WorkerInput.Welcomed(WorkerLab.Coordinator)).Take(new WorkerInput.Drain());
        Assert.Single(_worker.Done<WorkerEffect.Drained>());
        // By then it is no member any more that is up.
        _worker.Now = TimeSpan.FromSeconds(4);
        Assert.Empty(_worker.Take(new WorkerInput.Tick(false)).Done<WorkerEffect.LeaveCluster>());
        _worker.Now = TimeSpan.FromSeconds(6);
        Assert.Single(_worker.Take(new WorkerInput.Tick(false)).Done<WorkerEffect.LeaveCluster>());
        Assert.Empty(_worker.Done<WorkerEffect.Drained>());
    }

    [Fact]
    public void Tick_WorksOnWhileNoCoordinatorAnswers_Stays()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(WorkerLab.Coordinator)).Take(new WorkerInput.Welcomed(WorkerLab.Coordinator)).Open();
        _worker.Now = TimeSpan.FromSeconds(19);
        Assert.Empty(_worker.Take(new WorkerInput.Tick(true)).Done<WorkerEffect.LeaveCluster>());
    }

    [Fact]
    public void Drain_RunsThatOpenMeanwhile_AreClosed()
    {
        _worker.Name(Leases.Opened).Take(new WorkerInput.Drain());
        Assert.Equal([new WorkerEffect.CloseRun(1)], _worker.Take(new WorkerInput.RunReady(1, Leases.Training.Layout, "direct")).Effects);
        Assert.Empty(_worker.Name(Leases.Opened with { RunId = new RunId("second") }).Effects);
    }
}
