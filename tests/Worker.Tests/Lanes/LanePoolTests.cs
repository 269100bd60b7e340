using System.Collections.Concurrent;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Lanes;
using MetaMap.Worker.Tests.Runs;

namespace MetaMap.Worker.Tests.Lanes;

public sealed class LanePoolTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Post_OneLane_RunsInTheOrderOfPosting()
    {
        using LanePool pool = new(1, TimeProvider.System);
        using CountdownEvent done = new(50);
        var order = new ConcurrentQueue<int>();
        for (int i = 0; i < 50; i++)
        {
            int work = i;
            Post(pool, _ =>
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
        using LanePool pool = new(3, TimeProvider.System);
        using Barrier together = new(3);
        using CountdownEvent done = new(3);
        var lanes = new ConcurrentDictionary<int, (int Thread, bool IsPool)>();
        for (int i = 0; i < 3; i++)
        {
            Post(pool, lane =>
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
        LanePool pool = new(1, TimeProvider.System);
        using ManualResetEventSlim began = new();
        using ManualResetEventSlim release = new();
        using ManualResetEventSlim ended = new();
        int ran = 0;
        Post(pool, _ =>
        {
            began.Set();
            release.Wait(_limit);
            ran++;
            ended.Set();
        });
        Assert.True(began.Wait(_limit));
        Post(pool, _ => ran += 100);
        pool.Dispose();
        Post(pool, _ => ran += 1_000);
        release.Set();
        Assert.True(ended.Wait(_limit));
        Assert.Equal(1, ran);
    }

    [Fact]
    public void Constructor_NoLanes_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new LanePool(0, TimeProvider.System));

    [Fact]
    public void Withdraw_WorkThatWaits_IsGivenBackAndNeverRun()
    {
        using LanePool pool = new(1, TimeProvider.System);
        using ManualResetEventSlim began = new();
        using ManualResetEventSlim release = new();
        using ManualResetEventSlim ended = new();
        Post(pool, _ =>
        {
            began.Set();
            release.Wait(_limit);
        });
        Assert.True(began.Wait(_limit));
        bool ran = false;
        Post(pool, _ => ran = true, block: 1);
        Post(pool, _ => ran = true, block: 2);
        Assert.Equal([1, 2], pool.Withdraw(lease => lease.Block.Index > 0).Select(lease => lease.Block.Index));
        Assert.Empty(pool.Withdraw(_ => true));
        Post(pool, _ => ended.Set(), block: 3);
        release.Set();
        Assert.True(ended.Wait(_limit));
        Assert.False(ran);
    }

    [Fact]
    public void Post_TwoRuns_TheSecondDoesNotWaitForTheFirstOnesBacklog()
    {
        using LanePool pool = new(1, TimeProvider.System);
        using ManualResetEventSlim release = new();
        using CountdownEvent done = new(12);
        var order = new ConcurrentQueue<string>();
        void Add(string run) => Post(
            pool,
            _ =>
            {
                release.Wait(_limit);
                order.Enqueue(run);
                done.Signal();
            },
            run: run);
        for (int i = 0; i < 10; i++)
        {
            Add("long");
        }

        Add("short");
        Add("short");
        release.Set();
        Assert.True(done.Wait(_limit));
        Assert.InRange(order.ToList().IndexOf("short"), 0, 2);
    }

    private static void Post(LanePool pool, Action<int> work, int block = 0, string run = "run") =>
        pool.Post(new LaneJob(Leases.Lease(block) with { RunId = new RunId(run) }, 1, work));
}
