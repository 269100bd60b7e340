using System.Collections.Concurrent;
using MetaMap.Worker.Lanes;

namespace MetaMap.Worker.Tests.Lanes;

public sealed class LanePoolTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Post_OneLane_RunsInTheOrderOfPosting()
    {
        using LanePool pool = new(1);
        using CountdownEvent done = new(50);
        var order = new ConcurrentQueue<int>();
        for (int i = 0; i < 50; i++)
        {
            int work = i;
            pool.Post(_ =>
            {
                order.Enqueue(work);
                done.Signal();
            });
        }

        Assert.True(done.Wait(_limit));
        Assert.Equal(Enumerable.Range(0, 50), order);
    }

    [Fact]
    public void Post_SeveralLanes_WorkAtOnceOnThreadsOfTheirOwn()
    {
        using LanePool pool = new(3);
        using Barrier together = new(3);
        using CountdownEvent done = new(3);
        var lanes = new ConcurrentDictionary<int, (int Thread, bool IsPool)>();
        for (int i = 0; i < 3; i++)
        {
            pool.Post(lane =>
            {
                if (together.SignalAndWait(_limit))
                {
                    lanes[lane] = (Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread);
                }

                done.Signal();
            });
        }

        Assert.True(done.Wait(_limit));
        Assert.Equal([0, 1, 2], lanes.Keys.Order());
        Assert.Equal(3, lanes.Values.Select(lane => lane.Thread).Distinct().Count());
        Assert.All(lanes.Values, lane => Assert.False(lane.IsPool));
    }

    [Fact]
    public void Dispose_WorkThatWaits_IsDropped()
    {
        LanePool pool = new(1);
        using ManualResetEventSlim began = new();
        using ManualResetEventSlim release = new();
        using ManualResetEventSlim ended = new();
        int ran = 0;
        pool.Post(_ =>
        {
            began.Set();
            release.Wait(_limit);
            ran++;
            ended.Set();
        });
        Assert.True(began.Wait(_limit));
        pool.Post(_ => ran += 100);
        pool.Dispose();
        pool.Post(_ => ran += 1_000);
        release.Set();
        Assert.True(ended.Wait(_limit));
        Assert.Equal(1, ran);
    }

    [Fact]
    public void Constructor_NoLanes_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new LanePool(0));
}
