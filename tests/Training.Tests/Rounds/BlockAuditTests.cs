using MetaMap.Training.Episodes;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Tests.Rounds;

public sealed class BlockAuditTests
{
    [Fact]
    public void Choose_Fraction_IsAPureFunctionOfSeedIterationAndBlock()
    {
        static int Audited(double fraction, long seed, int iteration) => BlockAudit.Choose(
            new RoundDriver().Round with { Iteration = iteration }, seed, fraction).Blocks.Sum(block => block.IsAudited ? 1 << block.Block.Index : 0);
        Assert.Equal((0, 15), (Audited(0, 1, 1), Audited(1, 1, 1)));
        Assert.Equal(Audited(0.5, 7, 9), Audited(0.5, 7, 9));
        int[] chosen = [.. Enumerable.Range(1, 200).Select(iteration => Audited(0.25, 1, iteration))];
        Assert.InRange(chosen.Sum(blocks => int.PopCount(blocks)), 150, 250);
        Assert.NotEqual(chosen, Enumerable.Range(1, 200).Select(iteration => Audited(0.25, 2, iteration)));
    }

    [Fact]
    public void Lease_AuditedBlock_GoesToTwoWorkersAndNoMore()
    {
        RoundDriver round = new RoundDriver(null, "a", "b", "c").Audited();
        Assert.Equal([0, 0, 1, 1, 2], new[] { round.Lease("a"), round.Lease("b"), round.Lease("c"), round.Lease("a"), round.Lease("b") });
    }

    [Fact]
    public void Accept_TwoEqualResults_CountConfirmed()
    {
        RoundDriver round = Leased("a", "b");
        Judgement first = round.Accept(0, "a", round.Result(0));
        Assert.Equal((BlockVerdict.Unconfirmed, "block 0 of iteration 3 from worker a waits for a second worker's result"), (first.Verdict, first.Reason));
        Assert.False(round.Round.Blocks[0].IsSettled);
        Judgement second = round.Accept(0, "b", round.Result(0));
        Assert.Equal((BlockVerdict.Counted, "block 0 of iteration 3 from worker b has the bits of worker a and counts"), (second.Verdict, second.Reason));
        Assert.True(round.Round.Blocks[0] is { IsConfirmed: true, CountedFrom: "b", Votes.IsEmpty: true, Leases.IsEmpty: true });
        Assert.Empty(round.Round.ExcludedWorkers);
    }

    [Fact]
    public void Accept_TheSameMessageTwice_IsNoSecondOpinion()
    {
        RoundDriver round = Leased("a", "b");
        round.Accept(0, "a", round.Result(0));
        Judgement again = round.Accept(0, "a", round.Result(0), attempt: 1);
        Assert.Equal((BlockVerdict.Duplicate, "block 0 of iteration 3 from worker a came a second time"), (again.Verdict, again.Reason));
        Assert.NotEqual(0, round.Lease("a"));
    }

    [Fact]
    public void Accept_EqualGradientButOtherMeasures_IsNoConfirmation()
    {
        RoundDriver round = Leased("a", "b");
        round.Accept(0, "a", round.Result(0));
        BlockGradient other = round.Result(0) with { Episodes = [new EpisodeMetrics(9, 1), new EpisodeMetrics(9, 1)] };
        Assert.Equal(BlockVerdict.Unconfirmed, round.Accept(0, "b", other).Verdict);
    }

    [Theory]
    [InlineData("liar", "a", "b")]
    [InlineData("a", "liar", "b")]
    public void Accept_TwoDisagree_AThirdDecidesAndTheMinorityIsExcluded(string first, string second, string third)
    {
        RoundDriver round = new RoundDriver(null, "a", "b", "liar").Audited();
        while (round.Lease(first) is not null | round.Lease(second) is not null)
        {
        }

        round.Accept(0, first, first == "liar" ? round.Scaled(0, 2) : round.Result(0));
        Judgement disagreement = round.Accept(0, second, second == "liar" ? round.Scaled(0, 2) : round.Result(0));
        Assert.Equal(
            (BlockVerdict.Unconfirmed, $"block 0 of iteration 3 from worker {second} has other bits than worker {first}: a further worker decides"),
            (disagreement.Verdict, disagreement.Reason));
        Assert.Equal(0, round.Lease(third));
        Assert.Equal(BlockVerdict.Counted, round.Accept(0, third, round.Result(0)).Verdict);
        Assert.Equal(round.Result(0).GradientSum, round.Round.Blocks[0].Result!.GradientSum);
        Assert.Equal(["liar"], round.Round.ExcludedWorkers.Keys);
        Assert.Equal("worker liar gave other bits for block 0 of iteration 3 than workers a and b", round.Round.ExcludedWorkers["liar"]);
        Assert.All(round.Round.Blocks, block => Assert.DoesNotContain(block.Leases, lease => lease.WorkerId == "liar"));
        Assert.Null(round.Lease("liar"));
        Assert.Equal(BlockVerdict.Untrusted, round.Accept(1, "liar", round.Result(1), attempt: 1).Verdict);
    }

    [Fact]
    public void Exclude_Worker_DropsWhatNobodyConfirmedAndKeepsTheRest()
    {
        var round = new RoundDriver(null, "a", "b", "liar");
        Assert.Equal([0, 1], new[] { round.Lease("liar"), round.Lease("liar") });
        round.Accept(0, "liar", round.Scaled(0, 2));
        round.Lease("a");
        round.Accept(2, "a", round.Result(2));
        MetaRound after = BlockAudit.Exclude(round.Round, "liar", "because");
        Assert.True(after.Blocks[0] is { Result: null, CountedFrom: null, ComputeTime: null, IsSettled: false });
        Assert.Empty(after.Blocks[1].Leases);
        Assert.NotNull(after.Blocks[2].Result);
        Assert.Same(after, BlockAudit.Exclude(after, "liar", "again"));
    }

    [Fact]
    public void Exclude_ConfirmedResult_Stays()
    {
        RoundDriver round = Leased("a", "b");
        round.Accept(0, "a", round.Result(0));
        round.Accept(0, "b", round.Result(0));
        Assert.NotNull(BlockAudit.Exclude(round.Round, "b", "for something else").Blocks[0].Result);
    }

    [Fact]
    public void Undecided_OnlyTwoWorkersThatDisagree_NamesBothAndAThirdDecides()
    {
        RoundDriver round = Leased("a", "liar");
        round.Accept(0, "a", round.Result(0));
        Assert.Null(round.Undecided);
        round.Accept(0, "liar", round.Scaled(0, 2));
        Assert.Equal("workers a and liar gave different bits for block 0 of iteration 3: a further worker is needed to decide", round.Undecided);
        Assert.NotEqual(0, round.Lease("a"));
        Assert.NotEqual(0, round.Lease("liar"));
        round.Live.Add("c");
        Assert.Null(round.Undecided);
        Assert.Equal(0, round.Lease("c"));
        Assert.Equal(BlockVerdict.Counted, round.Accept(0, "c", round.Result(0)).Verdict);
    }

    [Fact]
    public void Accept_OneWorkerOnly_CountsUnconfirmed()
    {
        RoundDriver round = Leased("a");
        Judgement judgement = round.Accept(0, "a", round.Result(0));
        Assert.Equal((BlockVerdict.Counted, "block 0 of iteration 3 from worker a counts; nobody is there to audit it"), (judgement.Verdict, judgement.Reason));
        Assert.False(round.Round.Blocks[0].IsConfirmed);
    }

    [Fact]
    public void Accept_OneWorkerWhereMoreAreAskedFor_WaitsForAnother()
    {
        RoundDriver round = new RoundDriver(LeasePolicy.Default with { CountsAlone = false }, "a").Audited();
        round.Lease("a");
        Assert.Equal(BlockVerdict.Unconfirmed, round.Accept(0, "a", round.Result(0)).Verdict);
        Assert.NotEqual(0, round.Lease("a"));
    }

    [Fact]
    public void Lease_TheOtherWorkerIsGone_TheFirstComputesAgainAndCountsAlone()
    {
        RoundDriver round = Leased("a", "b");
        round.Accept(0, "a", round.Result(0));
        round.Live.Remove("b");
        round.Release("b");
        Assert.Equal(0, round.Lease("a"));
        Assert.Equal(BlockVerdict.Counted, round.Accept(0, "a", round.Result(0)).Verdict);
    }

    [Fact]
    public void Lease_TheOtherWorkerCannotComputeIt_TheFirstComputesAgainAndCountsAlone()
    {
        RoundDriver round = Leased("a", "broken");
        round.Accept(0, "a", round.Result(0));
        round.Fail(0, "broken", 2);
        Assert.Equal(0, round.Lease("a"));
        Assert.Equal(BlockVerdict.Counted, round.Accept(0, "a", round.Result(0)).Verdict);
    }

    [Fact]
    public void Fail_TheThirdWorkerCannotDecide_TheBlockIsGivenUpAndSaysWhy()
    {
        RoundDriver round = Leased("a", "liar", "broken");
        round.Lease("liar");
        round.Accept(0, "a", round.Result(0));
        round.Accept(0, "liar", round.Scaled(0, 2));
        for (int i = 0; i < 3; i++)
        {
            Assert.False(round.Round.Blocks[0].IsSettled);
            Assert.Equal(0, round.Lease("broken"));
            round.Fail(0, "broken", round.Round.Blocks[0].Attempts);
        }

        Assert.Equal(
            "block 0 of iteration 3 could not be verified: workers a and liar gave different bits, and nobody else could compute it",
            Quarantine.GivenUp(round.Round).Single().Reason);
    }

    // Block 0 is leased to the first two workers.
    private static RoundDriver Leased(params string[] workers)
    {
        RoundDriver round = new RoundDriver(null, workers).Audited();
        foreach (string worker in workers.Take(2))
        {
            Assert.Equal(0, round.Lease(worker));
        }

        return round;
    }
}
