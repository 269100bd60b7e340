using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs.Machine;

public sealed class RunProgressTests
{
    private static readonly MetaTraining _training = TinyRun.Training();
    private static readonly WorkerId _a = new("a");
    private static readonly WorkerId _b = new("b");

    private RunProgress _progress = RunProgress.From(_training, _training.Begin(), LeasePolicy.Default);

    [Fact]
    public void Assign_TwoWorkers_TakeTurnsUntilLanesRunOut()
    {
        Assert.Equal(["a:0", "b:1", "a:2"], Assign((_a, 2), (_b, 1)));
        Assert.Empty(Assign((_a, 2), (_b, 1)));
    }

    [Fact]
    public void Judge_TheAnswerToALease_FreesItsLaneOnly()
    {
        Assign((_a, 1));
        Judge(Result(1));
        Judge(Result(0, attempt: 2));
        Assert.Empty(_progress.Lanes.Waiting);
        Assert.Equal(BlockVerdict.Counted, Judge(Result(0)));
        Assert.Equal([_a], _progress.Lanes.Waiting);
        Assert.Empty(_progress.Results);
    }

    [Fact]
    public void Judge_GradientOfAnotherLength_IsRefusedBeforeItIsFetched()
    {
        Assign((_a, 1), (_b, 1));
        Assert.Equal(BlockVerdict.WrongLayout, Judge(Result(0) with { Gradient = new BlobId("00", int.MaxValue) }));
        Assert.Equal($"the gradient of block 0 from worker a has 2147483647 bytes, run tiny-run needs {4 * _training.Layout.Length}", _progress.LastRefusal);
        Assert.Equal(["a:2"], Assign());
        _progress = _progress.Offer(_b, 2);
        Assert.Equal(["b:0"], Assign());
    }

    [Fact]
    public void Return_LeaseOfALeavingWorker_IsLeasedToAnotherAtOnceAndIsNoFailure()
    {
        Assign((_a, 2), (_b, 1));
        _progress = _progress.Offer(_a, 0).Return(new BlockReturned(Lease(1, 0, 1), _a, "the worker leaves"));
        Assert.Empty(_progress.Round.Blocks[0].Failures);
        Assert.Equal(1, _progress.Results[BlockVerdict.Returned]);
        Assert.Equal("block 0 of iteration 1 was returned by worker a: the worker leaves", _progress.LastRefusal);
        _progress = _progress.Offer(_b, 2);
        Assert.Equal(["b:0"], Assign());
    }

    [Fact]
    public void Return_OfAnotherIteration_ChangesNoLease()
    {
        Assign((_a, 1));
        MetaRound before = _progress.Round;
        _progress = _progress.Return(new BlockReturned(Lease(7, 0, 1), _a, "late"));
        Assert.Same(before, _progress.Round);
    }

    [Theory]
    [InlineData(0, BlockVerdict.Stale)]
    [InlineData(2, BlockVerdict.Future)]
    public void Judge_OtherIteration_IsCountedByVerdict(int iteration, BlockVerdict verdict)
    {
        Assign((_a, 1));
        Judge(Result(0) with { Lease = Lease(iteration, 0, 1) });
        Judge(Result(0) with { Lease = Lease(iteration, 0, 1) });
        Assert.Equal(2, _progress.Results[verdict]);
        Assert.Single(_progress.Round.Blocks[0].Leases);
    }

    [Fact]
    public void Judge_ForeignOrWrongLayout_LetsOthersHaveTheBlock()
    {
        Assign((_a, 1));
        Judge(Result(0) with { LayoutDigest = "77" });
        Assert.Equal(["b:0", "a:1"], Assign((_b, 1)).Order(StringComparer.Ordinal).Reverse());
        Judge(Result(0) with { Lease = Lease(1, 0, 1) with { RunId = new RunId("other") } });
        Judge(Result(77));
        Assert.Equal([(BlockVerdict.Foreign, 2L), (BlockVerdict.WrongLayout, 1L)], _progress.Results.Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public void Fail_EveryAttempt_ExcludesTheBlockAndCountsEach()
    {
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal(["a:0"], Assign((_a, 1)));
            _progress = _progress.Fail(new BlockFailed(Lease(1, 0, attempt), _a, "no luck"));
        }

        Assert.True(_progress.Round.Blocks[0].IsGivenUp);
        Assert.Equal(3, _progress.Results[BlockVerdict.Failed]);
        Assert.Equal("block 0 of iteration 1 failed on worker a: no luck", _progress.LastRefusal);
        _progress = _progress.Fail(new BlockFailed(Lease(7, 1, 1), _a, "of another iteration"));
        Assert.Empty(_progress.Round.Blocks[1].Failures);
    }

    [Fact]
    public void Miss_GradientThatCannotBeFetched_IsNoFailureOfTheBlock()
    {
        Assign((_a, 1));
        Judge(Result(0));
        _progress = _progress.Miss(Result(0), "the holder is gone");
        Assert.Empty(_progress.Round.Blocks[0].Failures);
        Assert.Equal(1, _progress.Results[BlockVerdict.Unavailable]);
        Assert.Equal("b:0", Assign((_b, 1))[^1]);
    }

    [Fact]
    public void Return_LeaseThatComesBack_IsNoFailureOfTheBlock()
    {
        for (int attempt = 1; attempt <= 4; attempt++)
        {
            Assert.Equal(["a:0"], Assign((_a, 1)));
            _progress = _progress.Return(new BlockReturned(Lease(1, 0, attempt), _a, "no parameters"));
            Assert.Equal([_a], _progress.Lanes.Waiting);
            _progress = _progress.Offer(_a, 0).Expire(LeasePolicy.Default.Deadline);
        }

        Assert.False(_progress.Round.Blocks[0].IsGivenUp);
        Assert.Equal(4, _progress.Results[BlockVerdict.Returned]);
        Assert.Equal("block 0 of iteration 1 was returned by worker a: no parameters", _progress.LastRefusal);
        Assert.Equal(["a:0"], Assign((_a, 1)));
        _progress = _progress.Return(new BlockReturned(Lease(7, 0, 5), _a, "of another iteration"));
        Assert.False(_progress.Round.Blocks[0].Leases[0].IsSetAside);
    }

    [Fact]
    public void Assign_FewerWorkersThanAreAskedFor_LeasesNothingAndSaysWhy()
    {
        _progress = RunProgress.From(_training, _training.Begin(), LeasePolicy.Default, new RunPolicy(1, 2, 0));
        Assert.Empty(Assign((_a, 2)));
        Assert.Equal("waiting for workers: 1 of 2", _progress.Waiting);
        Assert.Equal(["a:0", "b:1", "a:2"], Assign((_b, 1)));
        Assert.Null(_progress.Waiting);
        _progress = _progress.Lose(_b);
        Judge(Result(0));
        Assert.Empty(Assign());
        Assert.False(_progress.Policy.CountsAlone);
    }

    [Fact]
    public void Accept_BlocksThatTakeLong_DeadlinesGrow()
    {
        Assign((_a, 4));
        _progress = _progress.Expire(TimeSpan.FromSeconds(30));
        (_progress, _) = _progress.Accept(Result(0), new ParameterVector(_training.Layout, new float[_training.Layout.Length]), TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.FromSeconds(600), _progress.Policy.Deadline);
    }

    [Fact]
    public void Assign_SlowBlockNearTheEnd_CountsSecondLeasesAndThoseThatHelped()
    {
        Assign((_b, 1), (_a, 3));
        for (int block = 1; block < 4; block++)
        {
            Accept(Result(block));
        }

        (_progress, ImmutableArray<BlockAssignment> assignments) = _progress.Assign(TimeSpan.FromSeconds(1));
        Assert.Equal(new BlockAssignment(_a, Lease(1, 0, 2), _progress.Round.Blocks[0].Block, IsSpeculative: true), Assert.Single(assignments));
        Assert.Equal((1, 0), (_progress.Counters.SpeculativeLeases, _progress.Counters.SpeculativeWins));
        Accept(Result(0, attempt: 2));
        (_progress, _) = _progress.Step();
        Assert.Equal((1, 1), (_progress.Counters.SpeculativeLeases, _progress.Counters.SpeculativeWins));
    }

    [Fact]
    public void Accept_LiarIsFoundOut_ItsLanesAndUnconfirmedResultsAreGoneForTheRestOfTheRun()
    {
        WorkerId c = new("c");
        _progress = RunProgress.From(_training, _training.Begin(), LeasePolicy.Default, new RunPolicy(1, 1, 1));
        Assign((_a, 1), (_b, 1));
        Vote(Result(0) with { WorkerId = _a }, 2);
        Vote(Result(0, attempt: 2) with { WorkerId = _b }, 1);
        Assign((c, 1));
        Vote(Result(0, attempt: 3) with { WorkerId = c }, 1);
        Assert.Equal(["a"], _progress.Round.ExcludedWorkers.Keys);
        Assert.DoesNotContain(_a, _progress.Lanes.Workers.Keys);
        Assert.Same(_progress, _progress.Offer(_a, 4));
        for (int block = 1; block < 4; block++)
        {
            Vote(Result(block) with { WorkerId = _b }, 1);
            Vote(Result(block) with { WorkerId = c }, 1);
        }

        (_progress, _) = _progress.Step();
        Assert.Equal(["a"], _progress.Round.ExcludedWorkers.Keys);
        Assert.Equal((4, 0), (_progress.Counters.AuditedBlocks, _progress.Counters.UnauditedBlocks));
        Assert.Equal(BlockVerdict.Untrusted, Judge(Result(0)));
    }

    [Fact]
    public void Lose_AWorker_FreesItsBlocks()
    {
        Assign((_a, 4));
        _progress = _progress.Lose(_a);
        Assert.Equal(["b:0", "b:1"], Assign((_b, 2)));
    }

    [Fact]
    public void Lose_AWorkerWithBlocks_ShowsWhoseResultsCountInstead()
    {
        Assign((_a, 2), (_b, 2));
        _progress = _progress.Lose(_b);
        LostWorker lost = Assert.Single(_progress.Blocks(TimeSpan.Zero).Lost);
        Assert.Equal((_b, 1), (lost.Worker, lost.Iteration));
        Assert.Equal([new LostBlock(1, null), new LostBlock(3, null)], lost.Blocks.AsEnumerable());
        Accept(Result(0));
        Accept(Result(2));
        Assign();
        Accept(Result(1, attempt: 2));
        Assert.Equal([new LostBlock(1, "a"), new LostBlock(3, null)], _progress.Blocks(TimeSpan.Zero).Lost[0].Blocks.AsEnumerable());
        Accept(Result(3, attempt: 2));
        (_progress, _) = _progress.Step();
        Assert.Equal([new LostBlock(1, "a"), new LostBlock(3, "a")], _progress.Blocks(TimeSpan.Zero).Lost[0].Blocks.AsEnumerable());
    }

    [Fact]
    public void Lose_AWorkerWhoseBlocksOthersHadComputed_ShowsThem()
    {
        Assign((_b, 1), (_a, 3));
        for (int block = 1; block < 4; block++)
        {
            Accept(Result(block));
        }

        (_progress, _) = _progress.Assign(TimeSpan.FromSeconds(10));
        Accept(Result(0, attempt: 2));
        (_progress, _) = _progress.Step();
        Assert.Equal((_b, Lease(1, 0, 1), TimeSpan.FromSeconds(12)), _progress.Blocks(TimeSpan.FromSeconds(12)).Held.Select(held => (held.Worker, held.Lease, held.Age)).Single());
        LostWorker lost = Assert.Single(_progress.Lose(_b).Blocks(TimeSpan.Zero).Lost);
        Assert.Equal((_b, 1, new LostBlock(0, "a")), (lost.Worker, lost.Iteration, Assert.Single(lost.Blocks)));
        Assert.Empty(_progress.Lose(_a).Blocks(TimeSpan.Zero).Lost);
    }

    [Fact]
    public void Expire_PastTheDeadline_FreesBlocksAndLanes()
    {
        Assign((_a, 1), (_b, 1));
        _progress = _progress.Expire(LeasePolicy.Default.Deadline);
        Assert.Equal([1, 1, 0, 0], _progress.Round.Blocks.Select(block => block.Expired.Length));
        Assert.Equal(["0", "1"], Assign().Select(assignment => assignment[2..]));
    }

    [Fact]
    public void Expire_SecondLeaseOfASettledBlock_StillFreesItsLane()
    {
        Assign((_a, 4));
        _progress = _progress.Lose(_a).Offer(_b, 4);
        Assign();
        for (int block = 0; block < 4; block++)
        {
            Accept(Result(block));
        }

        (_progress, _) = _progress.Step();
        Assert.Empty(_progress.Lanes.Waiting);
        _progress = _progress.Expire(LeasePolicy.Default.Deadline);
        Assert.Equal(4, Assign().Length);
    }

    [Fact]
    public void Commit_Twice_IsImpossible()
    {
        MetaTraining single = TinyRun.Training(TinyRun.Options with { Iterations = 1 });
        _progress = RunProgress.From(single, single.Begin(), LeasePolicy.Default);
        Assert.Throws<InvalidOperationException>(() => _progress.Step());
        Assign((_a, 4));
        for (int block = 0; block < 4; block++)
        {
            Assert.False(_progress.CanStep);
            Accept(Result(block));
        }

        (_progress, CompletedIteration committed) = _progress.Step();
        Assert.Equal((1, 7), (committed.Metrics.Iteration, committed.Metrics.CountedEpisodes));
        Assert.True(_progress.IsFinished);
        Assert.False(_progress.CanStep);
        Assert.Throws<InvalidOperationException>(() => _progress.Step());
        Assert.Equal(BlockVerdict.Duplicate, Judge(Result(0)));
        Assert.False(_progress.CanStep);
        Assert.Equal(1, _progress.Results[BlockVerdict.Duplicate]);
        Assert.Empty(Assign((_a, 9)));
    }

    private string[] Assign(params (WorkerId Worker, int Lanes)[] offers)
    {
        foreach ((WorkerId worker, int lanes) in offers)
        {
            _progress = _progress.Offer(worker, lanes);
        }

        (_progress, ImmutableArray<BlockAssignment> assignments) = _progress.Assign(TimeSpan.Zero);
        return [.. assignments.Select(assignment => $"{assignment.Worker}:{assignment.Block.Index}")];
    }

    private BlockVerdict Judge(BlockAdapted result)
    {
        (_progress, Judgement judgement) = _progress.Judge(result);
        return judgement.Verdict;
    }

    private void Accept(BlockAdapted result)
    {
        ParameterVector gradient = FakeEpisodeLearner.Compute(_progress.State.Parameters, _progress.Round.Blocks[result.Lease.Block].Block).GradientSum;
        (_progress, _) = _progress.Judge(result);
        (_progress, _) = _progress.Accept(result, gradient, TimeSpan.Zero);
    }

    private void Vote(BlockAdapted result, float scale)
    {
        float[] gradient = FakeEpisodeLearner.Compute(_progress.State.Parameters, _progress.Round.Blocks[result.Lease.Block].Block).GradientSum.Values.ToArray();
        var scaled = new ParameterVector(_training.Layout, [.. gradient.Select(value => scale * value)]);
        (_progress, _) = _progress.Accept(result with { Gradient = BlobStore.IdOf(scaled.Bytes.ToArray()) }, scaled, TimeSpan.Zero);
    }

    private static LeaseId Lease(int iteration, int block, int attempt) => new(new RunId("tiny-run"), RoundId.Iteration(iteration), block, attempt);

    private BlockAdapted Result(int block, int attempt = 1)
    {
        MetaRound round = _progress.Round;
        int episodes = block < round.Blocks.Length ? round.Blocks[block].Block.Episodes.Length : 1;
        return new BlockAdapted(
            Lease(round.Iteration, block, attempt), _a, BlobStore.IdOf(round.Parameters.Bytes), round.Layout.Digest, [.. Enumerable.Repeat(new EpisodeMetrics(1, 1), episodes)],
            BlobStore.IdOf(new byte[4 * round.Layout.Length]), "akka://nowhere");
    }
}
