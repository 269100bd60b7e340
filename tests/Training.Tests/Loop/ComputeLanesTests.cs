using System.Collections.Concurrent;
using MetaMap.Testing;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Tests.Loop;

public sealed class ComputeLanesTests
{

    [Fact]
    public void Run_OneLane_RunsInTheOrderInWhichItWasGiven()
    {
        using ComputeLanes lanes = new(1);
        using CountdownEvent done = new(50);
        var order = new ConcurrentQueue<int>();
        for (int i = 0; i < 50; i++)
        {
            int work = i;
            lanes.Run(0, () =>
            {
                order.Enqueue(work);
                done.Signal();
            });
        }

        Assert.True(done.Wait(TestTime.Limit));
        Assert.Equal(Enumerable.Range(0, 50), order);
    }

    [Fact]
    public void Run_SeveralLanes_WorkAtOnceOnThreadsOfTheirOwn()
    {
        using ComputeLanes lanes = new(3);
        using Barrier together = new(3);
        var threads = new ConcurrentDictionary<int, (int Thread, bool IsPool)>();
        lanes.ForEach(3, (lane, _) =>
        {
            Assert.True(together.SignalAndWait(TestTime.Limit));
            threads[lane] = (Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread);
        });
        Assert.Equal([0, 1, 2], threads.Keys.Order());
        Assert.Equal(3, threads.Values.Select(lane => lane.Thread).Distinct().Count());
        Assert.All(threads.Values, lane => Assert.False(lane.IsPool));
    }

    [Fact]
    public void Dispose_WorkThatWaits_IsDropped()
    {
        ComputeLanes lanes = new(1);
        using ManualResetEventSlim began = new();
        using ManualResetEventSlim release = new();
        using ManualResetEventSlim ended = new();
        int ran = 0;
        lanes.Run(0, () =>
        {
            began.Set();
            release.Wait(TestTime.Limit);
            ran++;
            ended.Set();
        });
        Assert.True(began.Wait(TestTime.Limit));
        lanes.Run(0, () => ran += 100);
        lanes.Dispose();
        lanes.Run(0, () => ran += 1_000);
        release.Set();
        Assert.True(ended.Wait(TestTime.Limit));
        Assert.Equal(1, ran);
    }

    [Fact]
    public void Constructor_NoLanes_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new ComputeLanes(0));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(200)]
    public void ForEach_AnyCount_DoesEachOnce(int count)
    {
        using ComputeLanes lanes = new(3);
        int[] times = new int[count];
        lanes.ForEach(count, (_, index) => Interlocked.Increment(ref times[index]));
        Assert.All(times, time => Assert.Equal(1, time));
    }

    [Fact]
    public void ForEach_AnException_EndsAllLanesAndIsThrown()
    {
        using ComputeLanes lanes = new(2);
        int done = 0;
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => lanes.ForEach(1_000_000, (_, index) =>
        {
            Interlocked.Increment(ref done);
            if (index == 7)
            {
                throw new InvalidDataException("7");
            }
        }));
        Assert.Equal("7", error.Message);
        Assert.InRange(done, 8, 999_999);
        lanes.ForEach(2, (_, _) => done = 0);
        Assert.Equal(0, done);
    }

    [Fact]
    public void ForEach_Cancelled_Stops()
    {
        using ComputeLanes lanes = new(2);
        using CancellationTokenSource cancellation = new();
        Assert.Throws<OperationCanceledException>(() => lanes.ForEach(1_000_000, (_, index) =>
        {
            if (index == 3)
            {
                cancellation.Cancel();
            }
        }, cancellation.Token));
        lanes.ForEach(1, (_, _) => cancellation.Cancel(), CancellationToken.None);
    }
}
