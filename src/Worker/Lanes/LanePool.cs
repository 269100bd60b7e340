using System.Collections.Concurrent;

namespace MetaMap.Worker.Lanes;

/// <summary>
/// Dedicated threads for libtorch work, one per lane, so that it never runs on the thread pool that heartbeats need.
/// Work is taken in the order in which it is posted.
/// </summary>
public sealed class LanePool : IDisposable
{
    private readonly BlockingCollection<Action<int>> _work = [];

    /// <summary>Starts the threads.</summary>
    /// <param name="lanes">1 or more.</param>
    public LanePool(int lanes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        Lanes = lanes;
        for (int lane = 0; lane < lanes; lane++)
        {
            int index = lane;
            new Thread(() => Run(index)) { Name = $"lane {lane}", IsBackground = true }.Start();
        }
    }

    /// <summary>Number of threads.</summary>
    public int Lanes { get; }

    /// <summary>Runs work on the next free lane; it gets the lane's index and must not throw. Dropped once the pool is disposed.</summary>
    public void Post(Action<int> work)
    {
        try
        {
            _work.Add(work);
        }
        catch (InvalidOperationException) when (_work.IsAddingCompleted)
        {
            // The node is going down; nobody waits for the result any more.
        }
    }

    /// <summary>Lets the threads end after the work that they have begun; work that waits is dropped.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        while (_work.TryTake(out _))
        {
        }
    }

    private void Run(int lane)
    {
        foreach (Action<int> work in _work.GetConsumingEnumerable())
        {
            work(lane);
        }
    }
}
