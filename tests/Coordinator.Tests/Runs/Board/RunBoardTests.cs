using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs.Board;

public sealed class RunBoardTests
{

    private readonly RunBoard _board = new();

    [Fact]
    public void Find_IsTheNewestStateOfEachRun()
    {
        _board.Publish(Snapshot("first", 0));
        _board.Publish(Snapshot("second", 0));
        _board.Publish(Snapshot("first", 5));
        Assert.Equal(5, _board.Find(new RunId("first"))!.State.Iteration);
        Assert.Null(_board.Find(new RunId("third")));
        Assert.Equal(2, _board.Runs.Count);
    }

    [Fact]
    public void Forget_LeavesWhatIsTrainedAndWhatWasPublishedMeanwhile()
    {
        _board.Publish(Snapshot("trained", 1));
        foreach (string run in new[] { "deleted", "again" })
        {
            _board.Publish(Snapshot(run, 1) with { Status = RunStatus.Finished });
        }

        IReadOnlyCollection<RunSnapshot> before = _board.Runs;
        _board.Publish(Snapshot("again", 2) with { Status = RunStatus.Finished });
        _board.Forget(before);
        Assert.Equal(["again", "trained"], _board.Runs.Select(run => run.RunId.Value).Order());
    }

    [Fact]
    public async Task Watch_RunUnderWay_GivesTheNewestThenEachLaterOnce()
    {
        _board.Publish(Snapshot("run", 1));
        _board.Publish(Snapshot("run", 2));
        await using IAsyncEnumerator<RunSnapshot> watch = _board.Watch(new RunId("run"), default).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(TestTime.Limit));
        _board.Publish(Snapshot("other", 9));
        _board.Publish(Snapshot("run", 3));
        _board.Publish(Snapshot("run", 4) with { Status = RunStatus.Finished });
        _board.Publish(Snapshot("run", 5));
        var seen = new List<int> { watch.Current.State.Iteration };
        while (await watch.MoveNextAsync().AsTask().WaitAsync(TestTime.Limit))
        {
            seen.Add(watch.Current.State.Iteration);
        }

        Assert.Equal([2, 3, 4], seen);
    }

    [Fact]
    public async Task Watch_RunThatIsOver_EndsAtOnce()
    {
        _board.Publish(Snapshot("run", 7) with { Status = RunStatus.Stopped });
        Assert.Equal([7], await Iterations("run"));
    }

    [Fact]
    public async Task Watch_WhilePublishing_GivesEverySnapshotInOrder()
    {
        _board.Publish(Snapshot("run", 0));
        Task<List<int>>[] watchers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => Iterations("run")))];
        for (int i = 1; i < 500; i++)
        {
            _board.Publish(Snapshot("run", i));
        }

        _board.Publish(Snapshot("run", 500) with { Status = RunStatus.Finished });
        foreach (Task<List<int>> watcher in watchers)
        {
            List<int> seen = await watcher.WaitAsync(TestTime.Limit);
            Assert.Equal(Enumerable.Range(seen[0], 501 - seen[0]), seen);
        }
    }

    [Fact]
    public async Task Watch_Cancelled_Ends()
    {
        using var cancellation = new CancellationTokenSource();
        ValueTask<bool> next = _board.Watch(new RunId("run"), cancellation.Token).GetAsyncEnumerator().MoveNextAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.AsTask().WaitAsync(TestTime.Limit));
    }

    /// <summary>Another coordinator has taken the run over, or it was deleted: nothing more comes here.</summary>
    [Fact]
    public async Task Watch_RunIsRemoved_Ends()
    {
        _board.Publish(Snapshot("run", 1));
        await using IAsyncEnumerator<RunSnapshot> watch = _board.Watch(new RunId("run"), default).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        _board.Publish(Snapshot("run", 2));
        _board.Remove(new RunId("run"));
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(2, watch.Current.State.Iteration);
        Assert.False(await watch.MoveNextAsync().AsTask().WaitAsync(TestTime.Limit));
    }

    public static RunSnapshot Snapshot(string run, int iteration) => new(
        new RunId(run), RunStatus.Training, TinyRun.Options, TinyRun.Training().Shape, TinyRun.Training().Begin() with { Iteration = iteration },
        null, 0, ImmutableSortedDictionary<BlockVerdict, long>.Empty, null, "nowhere", null);

    private async Task<List<int>> Iterations(string run)
    {
        var seen = new List<int>();
        await foreach (RunSnapshot snapshot in _board.Watch(new RunId(run), default))
        {
            seen.Add(snapshot.State.Iteration);
        }

        return seen;
    }
}
