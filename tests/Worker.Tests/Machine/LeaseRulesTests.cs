using MetaMap.Shared.Messages;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Rounds;
using MetaMap.Worker.Machine;
using MetaMap.Worker.Tests.Runs;

namespace MetaMap.Worker.Tests.Machine;

public sealed class LeaseRulesTests
{
    private readonly WorkerLab _worker = new();

    [Fact]
    public void Leased_ManyOfOneVersion_LanesTakeThemInOrderOnceItIsHere()
    {
        _worker.Open();
        for (int block = 0; block < 4; block++)
        {
            Assert.Equal([new WorkerEffect.Fetch(Leases.Version, $"holder {block}")], _worker.Lease(Leases.Lease(block, $"holder {block}")).Effects);
        }

        Assert.Equal([(0, 0), (1, 1)], _worker.Supply().Begun);
        Assert.All(_worker.Done<WorkerEffect.Compute>(), compute => Assert.Equal(Leases.Parameters, compute.Parameters));
        Assert.Equal([(1, 2)], _worker.Adapt(1, Leases.Lease(1)).Begun);
        Assert.Equal([(0, 3)], _worker.Adapt(0, Leases.Lease(0)).Begun);
        Assert.Empty(_worker.Adapt(0, Leases.Lease(3)).Begun);
        // The version is kept.
        Assert.Equal([(0, 0)], _worker.Lease(Leases.Lease(0, iteration: 2)).Begun);
        Assert.Empty(_worker.Done<WorkerEffect.Fetch>());
    }

    [Fact]
    public void LaneEnded_WithAGradient_IsAnsweredForItsLease()
    {
        _worker.Open().Lease(Leases.Lease(2)).Supply().Adapt(0, Leases.Lease(2));
        Assert.Equal(
            [new BlockAdapted(Leases.Lease(2).Lease, WorkerLab.Id, Leases.Version, Leases.Training.Layout.Digest, [], WorkerLab.Gradient(1), "holder")],
            _worker.Told<BlockAdapted>());
    }

    [Fact]
    public void LaneEnded_WithMeasures_IsAnsweredForItsEvaluation()
    {
        BlockLeased lease = Leases.Lease(1) with { Lease = Leases.Lease(1).Lease with { Round = RoundId.Evaluation(7) }, InnerSteps = 3 };
        EvaluatedEpisode measure = new(new(3, 1, 2, 3, 4), [0.5f]);
        _worker.Open().Lease(lease).Supply().Take(new WorkerInput.LaneEnded(0, lease.Lease, new BlockOutcome.Measured([measure])));
        Assert.Equal([new BlockEvaluated(lease.Lease, WorkerLab.Id, [measure])], _worker.Told<BlockEvaluated>());
    }

    [Fact]
    public void LaneEnded_Failed_IsAnsweredWithTheReasonAndTheLaneGoesOn()
    {
        WorkerLab worker = new(lanes: 1);
        worker.Open().Lease(Leases.Lease(0)).Lease(Leases.Lease(1)).Supply();
        worker.Take(new WorkerInput.LaneEnded(0, Leases.Lease(0).Lease, new BlockOutcome.Failed("no memory")));
        Assert.Equal([new BlockFailed(Leases.Lease(0).Lease, WorkerLab.Id, "no memory")], worker.Told<BlockFailed>());
        Assert.Equal([(0, 1)], worker.Begun);
    }

    [Fact]
    public void LaneEnded_ItsDeviceFailed_AllLeasesOfTheRunGoBackAndOthersComputeIt()
    {
        _worker.Open().Open("other").Lease(Leases.Lease(0)).Lease(Leases.Lease(1)).Lease(Leases.Lease(2)).Supply();
        _worker.Take(new WorkerInput.LaneEnded(0, Leases.Lease(0).Lease, new BlockOutcome.DeviceFailed("out of memory")));
        Assert.Equal([0, 1, 2], _worker.Told<BlockReturned>().Select(returned => returned.Lease.Block));
        Assert.Equal([0], _worker.Told<RequestBlocks>().Select(request => request.Lanes));
        Assert.Equal([new WorkerEffect.CloseRun(1)], _worker.Done<WorkerEffect.CloseRun>());
        Assert.Equal("out of memory", Assert.IsType<RunDeclined>(_worker.Done<WorkerEffect.TellWorkforce>().Single().Message).Reason);
        // What is on its way comes back, naming the run again makes the worker say it again, and the other run goes on.
        Assert.Equal([3], _worker.Lease(Leases.Lease(3)).Told<BlockReturned>().Select(returned => returned.Lease.Block));
        Assert.Equal("out of memory", Declined(_worker.Name(Leases.Opened).Effects).Reason);
        Assert.Equal([new RunId("other")], _worker.State.Runs.Open.Select(run => run.RunId));
        // Its other lane ends a block that nobody waits for.
        Assert.Equal([new WorkerEffect.Release(WorkerLab.Gradient(1))], _worker.Adapt(1, Leases.Lease(1)).Effects);
    }

    [Fact]
    public void LaneEnded_ItsDataIsDamaged_TheRunIsDeclinedForItsDataUntilItIsOver()
    {
        _worker.Open().Lease(Leases.Lease(0)).Lease(Leases.Lease(1)).Supply();
        _worker.Take(new WorkerInput.LaneEnded(0, Leases.Lease(0).Lease, new BlockOutcome.DataFailed("a.png is cut off")));
        Assert.Equal([0, 1], _worker.Told<BlockReturned>().Select(returned => returned.Lease.Block));
        Assert.Equal(new RunDeclined(Leases.Opened.RunId, WorkerLab.Id, "a.png is cut off", IsBadData: true), Declined(_worker.Done<WorkerEffect.TellWorkforce>()));
        Assert.True(Declined(_worker.Name(Leases.Opened).Effects).IsBadData);
        Assert.Empty(_worker.Take(new WorkerInput.RunOver(Leases.Opened.RunId)).Done<WorkerEffect.TellWorkforce>());
        Assert.Single(_worker.Name(Leases.Opened).Done<WorkerEffect.OpenRun>());
    }

    [Fact]
    public void LaneEnded_BegunBeforeTheWorkerWasStartedAnew_IsForgotten()
    {
        Assert.Equal([new WorkerEffect.Release(WorkerLab.Gradient(9))], _worker.Adapt(0, Leases.Lease(0), content: 9).Effects);
        _worker.Open().Lease(Leases.Lease(1)).Supply().Adapt(0, Leases.Lease(0), content: 9);
        Assert.Equal([new WorkerEffect.Release(WorkerLab.Gradient(9))], _worker.Effects);
        Assert.Equal(1, _worker.Adapt(0, Leases.Lease(1)).Told<BlockAdapted>().Single().Lease.Block);
    }

    [Fact]
    public void Leased_OfARunThatIsClosed_IsDropped() => Assert.DoesNotContain(_worker.Lease(Leases.Lease(0)).Effects, effect => effect is not WorkerEffect.Log);

    [Fact]
    public void Leased_Twice_IsComputedOnceAndItsOtherHolderIsNamed()
    {
        _worker.Open().Lease(Leases.Lease(0, "first"));
        Assert.Equal([new WorkerEffect.Fetch(Leases.Version, "second")], _worker.Lease(Leases.Lease(0, "second")).Effects);
        Assert.Equal([(0, 0)], _worker.Supply().Begun);
        Assert.Empty(_worker.Lease(Leases.Lease(0)).Effects);
    }

    [Fact]
    public void Leased_TwiceFromOtherParameters_TheNewerOneIsComputedAndAnswered()
    {
        BlockLeased before = Leases.Lease(0) with { Parameters = new BlobId("before", Leases.Version.LengthBytes) };
        _worker.Open().Lease(before).Take(new WorkerInput.ParametersHere(before.Parameters, Leases.Parameters.Bytes.ToArray()));
        Assert.Equal([(0, 0)], _worker.Begun);
        Assert.Equal([(1, 0)], _worker.Lease(Leases.Lease(0)).Supply().Begun);
        Assert.Equal([new WorkerEffect.Release(WorkerLab.Gradient(5))], _worker.Adapt(0, before, content: 5).Effects);
        Assert.Equal(Leases.Version, _worker.Adapt(1, Leases.Lease(0)).Told<BlockAdapted>().Single().Parameters);
    }

    [Fact]
    public void ParametersHere_OfAnotherLength_FailsWithTheReason()
    {
        _worker.Open().Lease(Leases.Lease(0)).Take(new WorkerInput.ParametersHere(Leases.Version, new byte[12]));
        Assert.Equal($"the parameters have 12 bytes, the layout needs {4 * Leases.Training.Layout.Length}", _worker.Told<BlockFailed>().Single().Reason);
        Assert.Empty(_worker.State.Desk.Held);
    }

    [Fact]
    public void ParametersMissed_AllThatWaitForThemAreReturned()
    {
        BlockLeased other = Leases.Lease(2) with { Parameters = new BlobId("other", 4) };
        _worker.Open().Lease(Leases.Lease(0)).Lease(Leases.Lease(1)).Lease(other).Take(new WorkerInput.ParametersMissed(Leases.Version, "it is gone"));
        Assert.Equal([0, 1], _worker.Told<BlockReturned>().Select(returned => returned.Lease.Block));
        Assert.All(_worker.Told<BlockReturned>(), returned => Assert.Equal("the parameters could not be fetched: it is gone", returned.Reason));
        Assert.Equal([2], _worker.State.Desk.Held.Select(held => held.Id.Block));
    }

    [Fact]
    public void ParametersHere_ManyVersions_TheNewestFourAreKept()
    {
        _worker.Open();
        for (int i = 0; i < 6; i++)
        {
            BlockLeased lease = Leases.Lease(0, iteration: i + 1) with { Parameters = new BlobId($"{i}", Leases.Version.LengthBytes) };
            _worker.Lease(lease).Take(new WorkerInput.ParametersHere(lease.Parameters, Leases.Parameters.Bytes.ToArray()));
        }

        Assert.Equal(["2", "3", "4", "5"], _worker.State.Versions.Kept.Select(kept => kept.Version.Sha256));
    }

    [Fact]
    public void UseFreeLanes_TwoRuns_TheSecondDoesNotWaitForTheFirstOnesBacklog()
    {
        WorkerLab worker = new(lanes: 1);
        worker.Open("long").Open("short");
        for (int block = 0; block < 4; block++)
        {
            worker.Lease(Leases.Lease(block, run: "long"));
        }

        worker.Lease(Leases.Lease(0, run: "short")).Supply();
        List<string> order = [];
        while (worker.Done<WorkerEffect.Compute>().SingleOrDefault() is { } compute)
        {
            order.Add(compute.Lease.Lease.RunId.Value);
            worker.Now += TimeSpan.FromSeconds(1);
            worker.Adapt(0, compute.Lease);
        }

        Assert.Equal(["long", "short", "long", "long", "long"], order);
    }

    [Fact]
    public void Judged_OneOfTwoEqualGradients_TheOtherStays()
    {
        Hold(block: 0, content: 5);
        Hold(block: 1, content: 5);
        BlockJudged first = new(Leases.Lease(0).Lease, WorkerLab.Gradient(5), BlockVerdict.Counted);
        Assert.Equal([new WorkerEffect.Release(WorkerLab.Gradient(5))], Released(new WorkerInput.Judged(first)));
        Assert.Empty(Released(new WorkerInput.Judged(first)));
        Assert.Single(Released(new WorkerInput.Judged(first with { Lease = Leases.Lease(1).Lease })));
    }

    [Fact]
    public void Leased_TwoIterationsLater_GradientsWithoutVerdictAreReleased()
    {
        Hold(block: 0, content: 1);
        Hold(block: 0, content: 2, iteration: 2);
        Hold(block: 0, content: 3, run: "other");
        Assert.Empty(Released(new WorkerInput.Leased(Leases.Lease(1, iteration: 2))));
        Assert.Equal([new WorkerEffect.Release(WorkerLab.Gradient(1))], Released(new WorkerInput.Leased(Leases.Lease(1, iteration: 3))));
        BlockLeased evaluation = Leases.Lease(0) with { Lease = Leases.Lease(0).Lease with { Round = RoundId.Evaluation(90) } };
        Assert.Empty(Released(new WorkerInput.Leased(evaluation)));
        Assert.Equal(2, _worker.State.Shelf.Held.Count);
    }

    private IEnumerable<WorkerEffect.Release> Released(WorkerInput input) => _worker.Take(input).Done<WorkerEffect.Release>();

    /// <summary>A result of the worker waits for its verdict.</summary>
    private void Hold(int block, byte content, int iteration = 1, string run = "run")
    {
        if (_worker.State.Runs.Find(new RunId(run)) is null)
        {
            _worker.Open(run);
        }

        BlockLeased lease = Leases.Lease(block, iteration: iteration, run: run);
        _worker.Lease(lease).Supply();
        _worker.Adapt(0, lease, content);
    }

    private static RunDeclined Declined(IEnumerable<WorkerEffect> effects) =>
        Assert.IsType<RunDeclined>(Assert.IsType<WorkerEffect.TellWorkforce>(Assert.Single(effects)).Message);
}
