using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace MetaMap.Training.Loop;

/// <summary>
/// Dedicated threads for computing, one per lane, so that computing never starves heartbeats of the thread pool. Whatever
/// computes blocks or episodes in parallel uses them.
/// </summary>
public sealed class ComputeLanes : IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly BlockingCollection<Action>[] _work;

    /// <summary>Starts the threads.</summary>
    /// <param name="count">1 or more.</param>
    public ComputeLanes(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _work = [.. Enumerable.Range(0, count).Select(_ => new BlockingCollection<Action>())];
        for (int lane = 0; lane < count; lane++)
        {
            BlockingCollection<Action> work = _work[lane];
            new Thread(() => Live(work)) { Name = $"lane {lane}", IsBackground = true }.Start();
        }
    }

    /// <summary>Number of lanes.</summary>
    public int Count => _work.Length;

    /// <summary>Queues work on a lane, after its earlier work. Dropped once the lanes are disposed.</summary>
    /// <param name="lane">From 0.</param>
    /// <param name="work">Must not throw.</param>
    public void Run(int lane, Action work) => _work[lane].Add(work);

    /// <summary>Does work for the indices 0 to <paramref name="count"/>-1 on all lanes, and waits until it is done.</summary>
    /// <param name="count">Number of indices.</param>
    /// <param name="work">Gets the lane and the index. Its first exception ends all lanes and is thrown here.</param>
    /// <param name="cancellation">Checked between two indices.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the last index.</exception>
    public void ForEach(int count, Action<int, int> work, CancellationToken cancellation = default)
    {
        using CountdownEvent busy = new(Math.Min(Count, Math.Max(count, 1)));
        ExceptionDispatchInfo? failure = null;
        (int taken, int done) = (0, 0);
        for (int i = 0; i < busy.InitialCount; i++)
        {
            int lane = i;
            Run(lane, () =>
            {
                try
                {
                    while (failure is null && !cancellation.IsCancellationRequested && Interlocked.Increment(ref taken) - 1 is int index && index < count)
                    {
                        work(lane, index);
                        Interlocked.Increment(ref done);
                    }
                }
#pragma warning disable CA1031 // An exception on a lane's thread must not end the process: it is passed on to the caller.
                catch (Exception error)
#pragma warning restore CA1031
                {
                    Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
                }
                finally
                {
                    busy.Signal();
                }
            });
        }

        busy.Wait(CancellationToken.None);
        failure?.Throw();
        if (done < count)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Lets each thread end after its current work; queued work is dropped.</summary>
    public void Dispose() => _ending.Cancel();

    private void Live(BlockingCollection<Action> work)
    {
        try
        {
            while (true)
            {
                work.Take(_ending.Token)();
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed; nobody waits for the queued work.
        }
    }
}
