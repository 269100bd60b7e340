using CsCheck;
using MetaMap.Testing;
using MetaMap.Training.Episodes;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Tests.Rounds;

/// <summary>Random histories of a round: whatever happens, each block is settled once and a live worker finishes the round.</summary>
public sealed class MetaRoundPropertyTests
{
    private static readonly string[] _workers = ["a", "b", "c"];

    private enum Happening
    {
        Lease, Accept, AcceptAgain, NonFinite, Fail, SetAside, Expire, Release, Stale,
    }

    [Fact]
    public void Round_AnyHistory_SettlesEachBlockOnceAndCanBeFinished() =>
        Gen.Select(Gen.Enum<Happening>(), Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[1, 6], Gen.Int[0, 15]).Array[0, 60].Repeatable().Sample(history =>
        {
            var round = new RoundDriver(LeasePolicy.Default, _workers);
            var counted = new Dictionary<int, BlockGradient>();
            double seconds = 0;
            foreach ((Happening happening, int worker, int block, int attempt, int later) in history)
            {
                seconds += later;
                Apply(round, happening, _workers[worker], block, attempt, seconds, counted);
                AssertSound(round, counted);
            }

            Finish(round, counted, seconds);
        }, iter: 400);

    private static void Apply(
        RoundDriver round, Happening happening, string worker, int block, int attempt, double seconds, Dictionary<int, BlockGradient> counted)
    {
        bool wasSettled = round.Round.Blocks[block].IsSettled;
        switch (happening)
        {
            case Happening.Lease:
                if (round.Lease(worker, seconds) is { } leased)
                {
                    Assert.False(counted.ContainsKey(leased));
                }

                break;
            case Happening.Accept or Happening.AcceptAgain:
                BlockVerdict verdict = round.Accept(block, worker, attempt, seconds);
                Assert.Equal(wasSettled ? BlockVerdict.Duplicate : BlockVerdict.Counted, verdict);
                if (!wasSettled)
                {
                    counted.Add(block, round.Round.Blocks[block].Result!);
                }

                break;
            case Happening.NonFinite:
                Assert.Equal(
                    wasSettled ? BlockVerdict.Duplicate : BlockVerdict.NonFinite,
                    round.Accept(round.Header(block, worker, attempt), round.Poisoned(block, float.NaN), seconds).Verdict);
                break;
            case Happening.Fail:
                round.Fail(block, worker, attempt);
                break;
            case Happening.SetAside:
                round.SetAside(block, worker, attempt);
                break;
            case Happening.Expire:
                round.Expire(seconds);
                break;
            case Happening.Release:
                round.Release(worker);
                break;
            case Happening.Stale:
                Assert.Equal(BlockVerdict.Stale, round.Accept(round.Header(block, worker) with { Iteration = 2 }, round.Result(block)).Verdict);
                break;
        }
    }

    private static void AssertSound(RoundDriver round, Dictionary<int, BlockGradient> counted)
    {
        foreach (BlockProgress block in round.Round.Blocks)
        {
            Assert.Same(counted.GetValueOrDefault(block.Block.Index), block.Result);
            Assert.False(block.IsGivenUp && block.Result is not null);
            Assert.True(!block.IsSettled || block.Leases.IsEmpty);
            Assert.Equal(block.Leases.Length, block.Leases.Select(lease => lease.Attempt).Distinct().Count());
            Assert.Equal(block.Failures.Length, block.Failures.Select(failure => failure.Attempt).Distinct().Count());
            Assert.True(block.Leases.Count(lease => !lease.IsSetAside) <= 2);
        }
    }

    // The others are gone; whatever they left behind, one worker that answers is enough.
    private static void Finish(RoundDriver round, Dictionary<int, BlockGradient> counted, double seconds)
    {
        round.Live.RemoveAll(worker => worker != "a");
        round.Release("b");
        round.Release("c");
        round.Expire(seconds += 30);
        for (int turns = 0; !round.Round.IsComplete; turns++)
        {
            Assert.True(turns < 10, "the round does not finish");
            int block = Assert.NotNull(round.Lease("a", seconds));
            Assert.Equal(BlockVerdict.Counted, round.Accept(block, "a", round.Round.Blocks[block].Attempts, seconds));
            counted.Add(block, round.Round.Blocks[block].Result!);
        }

        AssertSound(round, counted);
    }

    // Two honest workers and one that scales: whatever the order, what counts has the honest bits, the honest are never
    // excluded, and once all are there the round is completed.
    [Fact]
    public void Round_AuditedWithOneLiar_CountsHonestBitsOnly() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 5], Gen.Bool).Array[0, 80].Repeatable().Sample(history =>
        {
            RoundDriver round = new RoundDriver(LeasePolicy.Default with { CountsAlone = false }, "a", "b", "liar").Audited();
            double seconds = 0;
            foreach ((int worker, int later, bool expires) in history)
            {
                seconds += later;
                Turn(round, new[] { "a", "b", "liar" }[worker], seconds);
                if (expires)
                {
                    round.Expire(seconds);
                }

                AssertHonest(round);
            }

            for (int turns = 0; !round.Round.IsComplete; turns++)
            {
                Assert.True(turns < 100, "the round does not finish");
                seconds += 10;
                round.Expire(seconds);
                foreach (string worker in new[] { "a", "b", "liar" })
                {
                    Turn(round, worker, seconds);
                }
            }

            AssertHonest(round);
            Assert.All(round.Round.Blocks, block => Assert.True(block.IsConfirmed));
        }, iter: 400);

    /// <summary>A worker answers all that it holds, then asks for more.</summary>
    private static void Turn(RoundDriver round, string worker, double seconds)
    {
        foreach (BlockProgress block in round.Round.Blocks)
        {
            if (block.Leases.FirstOrDefault(lease => lease.WorkerId == worker) is { } lease)
            {
                int index = block.Block.Index;
                round.Accept(round.Header(index, worker, lease.Attempt), worker == "liar" ? round.Scaled(index, 2) : round.Result(index), seconds);
            }
        }

        round.Lease(worker, seconds);
        if (round.Round.ExcludedWorkers.ContainsKey(worker))
        {
            round.Live.Remove(worker);
        }
    }

    private static void AssertHonest(RoundDriver round)
    {
        Assert.DoesNotContain("a", round.Round.ExcludedWorkers.Keys);
        Assert.DoesNotContain("b", round.Round.ExcludedWorkers.Keys);
        foreach (BlockProgress block in round.Round.Blocks)
        {
            Assert.True(block.Result is null || block.Result.GradientSum.Equals(round.Result(block.Block.Index).GradientSum));
            Assert.Equal(block.Votes.Length, block.Votes.Select(vote => vote.WorkerId).Distinct().Count());
            Assert.Equal(block.Votes.Length, block.Votes.Select(vote => vote.Sha256).Distinct().Count());
            Assert.True(!block.IsSettled || block.Votes.IsEmpty);
        }
    }
}
