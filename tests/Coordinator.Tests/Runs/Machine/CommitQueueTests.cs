using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Tests.Runs.Machine;

public sealed class CommitQueueTests
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);
    private readonly MetaTraining _training = TinyRun.Training();
    private CommitQueue _queue = new(_longest, TimeSpan.Zero);
    private TimeSpan _now;

    [Fact]
    public void Begin_WhileOneIsWritten_GathersTheNextOnes()
    {
        Step(1);
        Assert.Equal(1, Begin(1)!.Number);
        Step(2);
        Step(3);
        Assert.Null(Begin(3));
        Assert.Equal([1], Succeeded());
        CommitGroup second = Begin(3)!;
        Assert.Equal((2, 3), (second.Number, second.State.Iteration));
        Assert.Equal([2, 3], Succeeded());
        Assert.True(_queue.IsEmpty);
    }

    [Fact]
    public void Begin_AfterASlowCommit_WaitsNineTimesItsDuration()
    {
        Step(1);
        Begin(1);
        _now += TimeSpan.FromSeconds(2);
        Succeeded();
        Step(2);
        _now += TimeSpan.FromSeconds(17.9);
        Assert.Null(Begin(2));
        _now += TimeSpan.FromSeconds(0.1);
        Assert.NotNull(Begin(2));
    }

    [Fact]
    public void Begin_AfterAVerySlowCommit_WaitsTheLongestPauseAtMost()
    {
        Step(1);
        Begin(1);
        _now += TimeSpan.FromMinutes(5);
        Succeeded();
        Step(2);
        _now += _longest;
        Assert.NotNull(Begin(2));
    }

    [Fact]
    public void Failed_ThenBegin_TriesTheSameGroupAgainBeforeWhatCameSince()
    {
        Step(1);
        CommitGroup first = Begin(1)!;
        Step(2);
        _queue = _queue.Failed(TimeSpan.FromSeconds(1), _now);
        Assert.Null(Begin(2));
        _now += TimeSpan.FromSeconds(1);
        Assert.Same(first, Begin(2));
        Assert.Equal([1], Succeeded());
        Assert.Equal((2, 2), (Begin(2)!.Number, _queue.Succeeded(_now).Done.State.Iteration));
    }

    [Fact]
    public void Begin_Last_IsRepeatedUntilTheLastCommitStands()
    {
        Step(1);
        Begin(1);
        _queue = _queue.Failed(TimeSpan.FromSeconds(1), _now);
        Step(2);
        Assert.Equal(1, Begin(2, isLast: true)!.Number);
        Assert.Equal([1], Succeeded());
        Assert.False(_queue.IsOver);
        Assert.Equal(2, Begin(2, isLast: true)!.Number);
        Assert.Equal([2], Succeeded());
        Assert.True(_queue.IsOver);
    }

    [Fact]
    public void IsFull_StoreThatNeverAnswers_MakesTrainingWait()
    {
        Step(1);
        Begin(1);
        for (int i = 2; i <= CommitQueue.MostWaiting; i++)
        {
            Assert.False(_queue.IsFull);
            Step(i);
        }

        Assert.True(_queue.IsFull);
    }

    [Fact]
    public void Begin_Last_WritesAtOnceAndWithTheModelFile()
    {
        Step(1);
        Assert.False(Begin(1)!.IsModelExported);
        _now += TimeSpan.FromSeconds(1);
        Succeeded();
        Assert.True(Begin(1, isLast: true)!.IsModelExported);
    }

    [Fact]
    public void Begin_AfterTheLongestPause_ExportsTheModelFile()
    {
        _now = _longest;
        Step(1);
        Assert.True(Begin(1)!.IsModelExported);
    }

    private void Step(int iteration) => _queue = _queue.Add(new CommitStep("ab", new IterationMetrics(iteration, 1, 0.5, 1, 4, 0), null));

    private CommitGroup? Begin(int iteration, bool isLast = false)
    {
        MetaState state = _training.Begin() with { Iteration = iteration };
        (_queue, CommitGroup? group) = _queue.Begin(state, new ModelFile("run", iteration, TinyRun.Options, _training.Shape, state.Parameters), isLast, _now);
        return group;
    }

    private IEnumerable<int> Succeeded()
    {
        (_queue, CommitGroup done) = _queue.Succeeded(_now);
        return done.Steps.Select(step => step.Metrics!.Iteration);
    }
}
