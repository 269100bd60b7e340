using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Tests.Training;
using MetaMap.Core.Training;

namespace MetaMap.Coordinator.Tests.Runs;

public sealed class RunCommitsTests
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);
    private readonly MetaTraining _training = TinyRun.Training();
    private readonly FakeHold _hold = new();
    private readonly RunCommits _commits;
    private TimeSpan _now;

    public RunCommitsTests() => _commits = new RunCommits(_hold, new RunJournal(1, TimeProvider.System), () => _now, _longest);

    [Fact]
    public async Task Begin_WhileOneIsWritten_GathersTheNextOnes()
    {
        Step(1);
        Task<string?> first = Begin(1)!;
        Step(2);
        Step(3);
        Assert.Null(Begin(3));
        Assert.True(_commits.IsWriting);
        await first;
        Assert.Equal([1], Succeeded());
        await Begin(3)!;
        Assert.Equal([2, 3], Succeeded());
        Assert.True(_commits.IsEmpty);
        Assert.Equal([(0, 1), (1, 3)], _hold.Commits.Select(commit => (commit.Previous, commit.State.Iteration)));
        Assert.Equal([2, 3], _hold.Commits[1].Lines.Select(line => line.Iteration));
        Assert.Equal(2, _hold.Commits[1].CommittedJournal.Count);
    }

    [Fact]
    public async Task Begin_AfterASlowCommit_WaitsNineTimesItsDuration()
    {
        Step(1);
        Task<string?> slow = Begin(1)!;
        await slow;
        _now += TimeSpan.FromSeconds(2);
        Succeeded();
        Step(2);
        _now += TimeSpan.FromSeconds(17.9);
        Assert.Null(Begin(2));
        _now += TimeSpan.FromSeconds(0.1);
        Assert.NotNull(Begin(2));
    }

    [Fact]
    public async Task Begin_AfterAVerySlowCommit_WaitsTheLongestPauseAtMost()
    {
        Step(1);
        await Begin(1)!;
        _now += TimeSpan.FromMinutes(5);
        Succeeded();
        Step(2);
        _now += _longest;
        Assert.NotNull(Begin(2));
    }

    [Fact]
    public async Task Failed_ThenBegin_WritesItAgainWithWhatCameSince()
    {
        Step(1);
        await Begin(1)!;
        Step(2);
        _commits.Failed(TimeSpan.FromSeconds(1));
        Assert.Null(Begin(2));
        _now += TimeSpan.FromSeconds(1);
        await Begin(2)!;
        Assert.Equal([1, 2], Succeeded());
        Assert.Equal((0, 2), (_hold.Commits[1].Previous, _hold.Commits[1].State.Iteration));
        Assert.Equal(_hold.Commits[0].CommittedJournal[0], _hold.Commits[1].CommittedJournal[0]);
    }

    [Fact]
    public void IsFull_StoreThatNeverAnswers_MakesTrainingWait()
    {
        Step(1);
        Begin(1);
        for (int i = 2; i <= RunCommits.MostWaiting; i++)
        {
            Assert.False(_commits.IsFull);
            Step(i);
        }

        Assert.True(_commits.IsFull);
    }

    [Fact]
    public async Task Begin_Last_WritesAtOnceAndWithTheModelFile()
    {
        Step(1);
        await Begin(1)!;
        _now += TimeSpan.FromSeconds(1);
        Succeeded();
        Assert.False(_hold.Commits[0].IsModelExported);
        await _commits.Begin(StateAt(1), ModelAt(1), isLast: true)!;
        Assert.True(_hold.Commits[1].IsModelExported);
    }

    [Fact]
    public async Task Begin_AfterTheLongestPause_ExportsTheModelFile()
    {
        _now = _longest;
        Step(1);
        await Begin(1)!;
        Assert.True(_hold.Commits[0].IsModelExported);
    }

    private void Step(int iteration) => _commits.Add(StateAt(iteration), new IterationMetrics(iteration, 1, 0.5, 1, 4, 0));

    private Task<string?>? Begin(int iteration) => _commits.Begin(StateAt(iteration), ModelAt(iteration), isLast: false);

    private IEnumerable<int> Succeeded() => [.. _commits.Succeeded().Steps.Select(step => step.Metrics!.Iteration)];

    private MetaState StateAt(int iteration) => _training.Begin() with { Iteration = iteration };

    private ModelFile ModelAt(int iteration) => new("run", iteration, TinyRun.Options, _training.Shape, StateAt(iteration).Parameters);
}
