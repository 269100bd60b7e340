using MetaMap.Core.Parameters;
using MetaMap.Training.Episodes;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Tests.Rounds;

public sealed class MetaRoundPolicyTests
{
    private static readonly LeasePolicy _policy = new(Deadline: TimeSpan.FromSeconds(30), MaxFailures: 3);

    [Fact]
    public void Lease_FreeBlocks_AreGivenInOrderOnce()
    {
        var round = new RoundDriver(_policy, "a", "b");
        Assert.Equal([0, 1, 2, 3, null], new[] { round.Lease("a"), round.Lease("b"), round.Lease("a"), round.Lease("b"), round.Lease("a") });
        Assert.All(round.Round.Blocks, block => Assert.Equal((1, 1), (block.Attempts, block.Leases.Length)));
    }

    [Fact]
    public void Accept_LeasedBlock_IsCountedAndLeasesEnd()
    {
        var round = new RoundDriver(_policy, "a");
        round.Lease("a", seconds: 1);
        Assert.Equal(BlockVerdict.Counted, round.Accept(0, "a", seconds: 5));
        BlockProgress block = round.Round.Blocks[0];
        Assert.Equal(round.Result(0).GradientSum, block.Result!.GradientSum);
        Assert.Equal(TimeSpan.FromSeconds(4), block.ComputeTime);
        Assert.Empty(block.Leases);
        Assert.False(round.Round.IsComplete);
    }

    [Fact]
    public void Accept_SecondResult_IsADuplicateAndChangesNothing()
    {
        var round = new RoundDriver(_policy, "a", "b");
        round.Lease("a");
        round.Accept(0, "a");
        MetaRound before = round.Round;
        Judgement judgement = round.Accept(round.Header(0, "b"), round.Poisoned(0, 1));
        Assert.Equal(BlockVerdict.Duplicate, judgement.Verdict);
        Assert.Equal("block 0 of iteration 3 from worker b came after the block was settled", judgement.Reason);
        Assert.Same(before, round.Round);
    }

    [Theory]
    [InlineData(2, BlockVerdict.Stale)]
    [InlineData(-7, BlockVerdict.Stale)]
    [InlineData(4, BlockVerdict.Future)]
    public void Accept_OtherIteration_IsRejectedWithReason(int iteration, BlockVerdict verdict) => AssertRefused(
        header => header with { Iteration = iteration }, verdict,
        $"block 0 of iteration {iteration} from worker a came while run tiny-run computes iteration 3");

    [Fact]
    public void Accept_OtherParameters_IsStale() => AssertRefused(
        header => header with { ParametersSha256 = new string('7', 64) }, BlockVerdict.Stale, "was computed from parameters 77777777, the iteration starts from ");

    [Fact]
    public void Accept_OtherRun_IsForeign() => AssertRefused(
        header => header with { RunId = "other" }, BlockVerdict.Foreign, "is for run other, this is run tiny-run");

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    public void Accept_BlockThatDoesNotExist_IsForeign(int index) => AssertRefused(
        header => header with { BlockIndex = index }, BlockVerdict.Foreign, "names a block that does not exist; the iteration has 4");

    [Fact]
    public void Accept_OtherEpisodeCount_IsForeign() => AssertRefused(
        header => header with { EpisodeCount = 3 }, BlockVerdict.Foreign, "has 3 episodes, the block has 2");

    [Fact]
    public void Accept_OtherLayoutDigest_IsWrongLayout() => AssertRefused(
        header => header with { LayoutDigest = new string('9', 64) }, BlockVerdict.WrongLayout,
        "has parameter layout 99999999, run tiny-run has");

    [Fact]
    public void Accept_GradientOfAnotherLayoutThanItsHeader_IsWrongLayout()
    {
        var layout = new ParameterLayout([new ParameterEntry("w", [1])]);
        AssertRefused(header => header, BlockVerdict.WrongLayout, "does not have the layout or episodes", result => result with { GradientSum = ParameterVector.Zeros(layout) });
        AssertRefused(header => header, BlockVerdict.WrongLayout, "does not have the layout or episodes", result => result with { Episodes = [] });
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Accept_NonFiniteGradientLossOrAccuracy_IsRefusedAndTheBlockIsFree(float value)
    {
        var round = new RoundDriver(_policy, "a");
        BlockGradient[] results =
        [
            round.Poisoned(0, value),
            round.Result(0) with { Episodes = [new EpisodeMetrics(1, 1), new EpisodeMetrics(value, 1)] },
            round.Result(0) with { Episodes = [new EpisodeMetrics(1, value), new EpisodeMetrics(1, 1)] },
        ];
        int first = round.Round.Blocks[0].Block.Episodes[0].Index;
        int[] episodes = [first, first + 1, first];
        for (int i = 0; i < results.Length; i++)
        {
            Assert.Equal(0, round.Lease("a"));
            Judgement judgement = round.Accept(round.Header(0, "a", i + 1), results[i]);
            Assert.Equal((BlockVerdict.NonFinite, "block 0 of iteration 3 from worker a holds NaN or infinity in episode " + episodes[i] + ", though the worker's convolutions are right"), (judgement.Verdict, judgement.Reason));
            Assert.Empty(round.Round.Blocks[0].Leases);
        }

        Assert.True(round.Round.Blocks[0].IsGivenUp);
    }

    [Fact]
    public void Expire_LeaseAtItsDeadline_IsLeasedAgainAndALateResultStillCounts()
    {
        var round = new RoundDriver(_policy, "a", "b");
        round.Lease("a", seconds: 1);
        round.Expire(30.9);
        Assert.Single(round.Round.Blocks[0].Leases);
        round.Expire(31);
        Assert.Empty(round.Round.Blocks[0].Leases);
        Assert.Equal(0, round.Lease("b", 31));
        Assert.Equal(BlockVerdict.Counted, round.Accept(0, "a", seconds: 32));
        Assert.Equal(TimeSpan.FromSeconds(31), round.Round.Blocks[0].ComputeTime);
        Assert.Equal(BlockVerdict.Duplicate, round.Accept(0, "b", 2, 33));
    }

    [Fact]
    public void Expire_WorkerThatIsOnlySlow_MayHaveTheBlockAgain()
    {
        var round = new RoundDriver(_policy, "slow", "other");
        round.Lease("slow");
        round.Expire(30);
        Assert.Equal(["slow"], round.Round.Blocks[0].Expired.Select(lease => lease.WorkerId));
        Assert.Equal(0, round.Lease("slow", 30));
    }

    [Fact]
    public void Release_LostWorker_FreesItsBlocksOnly()
    {
        var round = new RoundDriver(_policy, "a", "b");
        round.Lease("a");
        round.Lease("b");
        round.Lease("a");
        round.Release("a");
        Assert.Equal([0, 1, 0, 0], round.Round.Blocks.Select(block => block.Leases.Length));
        Assert.Equal([0, 2, 3], new[] { round.Lease("b"), round.Lease("b"), round.Lease("b") });
    }

    [Fact]
    public void Lease_NothingFreeAndOneBlockIsSlow_IsGivenToASecondWorkerOnce()
    {
        var round = new RoundDriver(_policy, "a", "b", "c");
        for (int i = 0; i < 4; i++)
        {
            round.Lease(i == 2 ? "slow" : "a", i);
        }

        Assert.Null(round.Lease("b", 1_000)); // Nothing is known of how long a block takes.
        round.Accept(0, "a", seconds: 10);
        round.Accept(1, "a", seconds: 11);
        round.Accept(3, "a", seconds: 13);
        Assert.Null(round.Lease("b", 32)); // 2 + 3 times the median of 10 seconds.
        Assert.Null(round.Lease("slow", 33));
        Assert.Equal(2, round.Lease("b", 33));
        Assert.Null(round.Lease("c", 34));
        Assert.True(round.Round.Blocks[2].Leases[1].IsSpeculative);
        Assert.Equal(BlockVerdict.Counted, round.Accept(2, "b", 2, 35));
        Assert.True(round.Round.Blocks[2].IsWonBySecondLease);
        Assert.All(round.Round.Blocks.Where(block => block.Block.Index != 2), block => Assert.False(block.IsWonBySecondLease));
        Assert.Equal(BlockVerdict.Duplicate, round.Accept(2, "slow", 1, 36));
        Assert.True(round.Round.IsComplete);
    }

    [Fact]
    public void Fail_OnlyWorkerFailsOften_ExcludesTheBlock()
    {
        var round = new RoundDriver(_policy, "a");
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            Assert.False(round.Round.Blocks[0].IsGivenUp);
            Assert.Equal(0, round.Lease("a"));
            round.Fail(0, "a", attempt);
        }

        Assert.True(round.Round.Blocks[0].IsGivenUp);
        Assert.Equal(1, round.Lease("a"));
        Assert.Equal(BlockVerdict.Duplicate, round.Accept(0, "a"));
        Assert.Null(round.Round.Blocks[0].Result);
    }

    [Fact]
    public void Fail_OneBrokenWorkerAmongOthers_NeverExcludesABlock()
    {
        var round = new RoundDriver(_policy, "broken", "good");
        int failures = 0;
        while (round.Lease("broken") is { } block)
        {
            round.Fail(block, "broken", round.Round.Blocks[block].Attempts);
            Assert.True(++failures < 100);
        }

        Assert.Equal(4, failures);
        Assert.All(round.Round.Blocks, block => Assert.False(block.IsGivenUp));
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(i, round.Lease("good"));
            Assert.Equal(BlockVerdict.Counted, round.Accept(i, "good", 2));
        }

        Assert.True(round.Round.IsComplete);
    }

    [Fact]
    public void Fail_BlockThatFailsOnEveryWorker_IsExcludedOnceAllHaveTried()
    {
        var round = new RoundDriver(_policy with { MaxFailures = 2 }, "a", "b", "c");
        foreach (string worker in new[] { "a", "b", "c" })
        {
            Assert.False(round.Round.Blocks[0].IsGivenUp);
            Assert.Equal(0, round.Lease(worker));
            round.Fail(0, worker, round.Round.Blocks[0].Attempts);
        }

        Assert.True(round.Round.Blocks[0].IsGivenUp);
    }

    [Fact]
    public void Fail_WorkerThatNeverAnswers_DoesNotHoldUpTheOthersForEver()
    {
        var round = new RoundDriver(_policy, "a", "silent");
        round.Lease("a");
        round.Fail(0, "a", 1);
        Assert.NotEqual(0, round.Lease("a"));
        Assert.Equal(0, round.Lease("silent"));
        round.Expire(30);
        Assert.Equal(0, round.Lease("a", 30));
        round.Fail(0, "a", 3);
        Assert.NotEqual(0, round.Lease("a", 30));
        Assert.Equal(0, round.Lease("silent", 30));
        round.Expire(60);
        Assert.Equal(0, round.Lease("a", 60));
        round.Fail(0, "a", 5);
        Assert.True(round.Round.Blocks[0].IsGivenUp);
    }

    [Fact]
    public void Fail_SameAttemptTwiceOrUnknown_CountsOnceOrNotAtAll()
    {
        var round = new RoundDriver(_policy, "a");
        round.Lease("a");
        round.Fail(0, "a", 1);
        MetaRound before = round.Round;
        round.Fail(0, "a", 1);
        round.Fail(0, "a", 2);
        round.Fail(0, "a", 0);
        round.Fail(-1, "a", 1);
        round.Fail(4, "a", 1);
        Assert.Same(before, round.Round);
        Assert.Equal([new BlockFailure(1, "a", "out of memory")], before.Blocks[0].Failures.ToArray());
    }

    [Fact]
    public void SetAside_UselessAnswer_LetsOthersHaveTheBlockAndTheWorkerWait()
    {
        var round = new RoundDriver(_policy, "wrong", "good");
        Assert.Equal(0, round.Lease("wrong"));
        round.SetAside(0, "wrong", 1);
        Assert.Equal(1, round.Lease("wrong"));
        Assert.Equal(0, round.Lease("good"));
        round.Expire(30);
        Assert.Empty(round.Round.Blocks[0].Leases);
        Assert.Empty(round.Round.Blocks[0].Failures);
    }

    private static void AssertRefused(
        Func<BlockResultHeader, BlockResultHeader> change, BlockVerdict verdict, string reason, Func<BlockGradient, BlockGradient>? changeResult = null)
    {
        var round = new RoundDriver(_policy, "a");
        round.Lease("a");
        MetaRound before = round.Round;
        BlockGradient result = round.Result(0);
        Judgement judgement = round.Accept(change(round.Header(0, "a")), changeResult?.Invoke(result) ?? result);
        Assert.Equal(verdict, judgement.Verdict);
        Assert.Contains(reason, judgement.Reason, StringComparison.Ordinal);
        Assert.Same(before, round.Round);
    }
}
