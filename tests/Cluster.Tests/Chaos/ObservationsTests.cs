using System.Collections.Immutable;
using MetaMap.Chaos.Runs;

namespace MetaMap.Cluster.Tests.Chaos;

public sealed class ObservationsTests
{
    private static readonly Oracle _oracle = new([.. "abcd".Select(letter => new string(letter, 64))]);

    [Fact]
    public void With_EveryVersionAsUndisturbed_HasNoProblem()
    {
        Observations seen = Observations.None(_oracle).With(At(0)).With(At(1)).With(At(1)).With(At(3) with { Status = "finished" });
        Assert.Empty(seen.Problems);
        Assert.Equal(3, seen.Versions.Count);
        Assert.True(seen.IsFinished("run"));
        Assert.False(seen.IsFinished("other"));
    }

    [Fact]
    public void With_OtherBits_SaysSo() => Assert.Contains(
        "iteration 2 has the model bbbbbbbbbbbb, undisturbed cccccccccccc",
        Assert.Single(Observations.None(_oracle).With(At(2) with { ModelSha256 = _oracle.Sha256[1] }).Problems), StringComparison.Ordinal);

    [Fact]
    public void With_TheRunGoesBack_SaysSo() => Assert.Contains(
        "iteration 1 after iteration 2", Assert.Single(Observations.None(_oracle).With(At(2)).With(At(1)).Problems), StringComparison.Ordinal);

    [Fact]
    public void With_TheRunGoesBackInTheNextLife_SaysSo() => Assert.Contains(
        "coordinator-1 (life 2) showed run run with iteration 1 after iteration 2",
        Assert.Single(Observations.None(_oracle).With(At(2)).With(At(1) with { Life = 2 }).Problems), StringComparison.Ordinal);

    [Fact]
    public void With_AnotherCoordinatorIsBehind_HasNoProblem() =>
        Assert.Empty(Observations.None(_oracle).With(At(2)).With(At(1) with { Coordinator = "coordinator-2" }).Problems);

    [Fact]
    public void With_IterationBeyondTheEnd_SaysSo() =>
        Assert.Contains("iteration 4 of 3", Assert.Single(Observations.None(_oracle).With(At(3) with { Iteration = 4 }).Problems), StringComparison.Ordinal);

    [Fact]
    public void With_FailedRun_SaysWhy() => Assert.Contains(
        "failed at iteration 1: disk", Assert.Single(Observations.None(_oracle).With(At(1) with { Status = "failed", Problem = "disk" }).Problems), StringComparison.Ordinal);

    [Fact]
    public void Results_SeveralLives_AreAddedUp()
    {
        Observations seen = Observations.None(_oracle).With(Counted(At(1), 5)).With(Counted(At(2), 9))
            .With(Counted(At(2) with { Life = 2 }, 4));
        Assert.Equal(13, seen.Results["Counted"]);
    }

    private static Observation At(int iteration) => new(
        "coordinator-1", 1, "run", "training", iteration, _oracle.Sha256[iteration], null, ImmutableSortedDictionary<string, long>.Empty);

    private static Observation Counted(Observation seen, long count) => seen with { Results = seen.Results.SetItem("Counted", count) };
}
