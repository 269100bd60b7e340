using System.Collections.Immutable;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Lanes;

/// <summary>A block for a lane.</summary>
/// <param name="Lease">Which.</param>
/// <param name="Weight">Of its run.</param>
/// <param name="Compute">Gets the lane's index; must not throw.</param>
public sealed record LaneJob(IBlockLease Lease, double Weight, Action<int> Compute);

/// <summary>
/// Dedicated threads for libtorch work, one per lane, so that it never runs on the thread pool that heartbeats need.
/// Blocks of one run are taken in the order in which they are posted, the runs by <see cref="FairShare"/>.
/// </summary>
public sealed class LanePool : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _posted = new(0);
    private readonly CancellationTokenSource _ending = new();
    private readonly TimeProvider _time;
    private readonly Dictionary<RunId, LinkedList<LaneJob>> _waiting = [];
    private FairShare _shares = FairShare.Empty;

    /// <summary>Starts the threads.</summary>
    /// <param name="lanes">1 or more.</param>
    /// <param name="time">Measures what each run has had.</param>
    public LanePool(int lanes, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        (Lanes, _time) = (lanes, time);
        for (int lane = 0; lane < lanes; lane++)
        {
            int index = lane;
            new Thread(() => Run(index)) { Name = $"lane {lane}", IsBackground = true }.Start();
        }
    }

    /// <summary>Number of threads.</summary>
    public int Lanes { get; }

    /// <summary>Runs a job on the next lane that is free for its run. Dropped once the pool is disposed.</summary>
    public void Post(LaneJob job)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(job.Lease.RunId, out LinkedList<LaneJob>? jobs))
            {
                _waiting[job.Lease.RunId] = jobs = [];
            }

            jobs.AddLast(job);
            _shares = _shares.Arrive(job.Lease.RunId.Value, job.Weight);
        }

        _posted.Release();
    }

    /// <summary>Takes back what no lane has begun.</summary>
    /// <param name="isMeant">Which.</param>
    public ImmutableArray<IBlockLease> Withdraw(Func<IBlockLease, bool> isMeant)
    {
        lock (_gate)
        {
            LaneJob[] withdrawn = [.. _waiting.Values.SelectMany(jobs => jobs).Where(job => isMeant(job.Lease))];
            foreach (LaneJob job in withdrawn)
            {
                Remove(job);
                _shares = _shares.Withdraw(job.Lease.RunId.Value).Forget(job.Lease.RunId.Value);
            }

            return [.. withdrawn.Select(job => job.Lease)];
        }
    }

    /// <summary>Lets the threads end after the work that they have begun; work that waits is dropped.</summary>
    public void Dispose() => _ending.Cancel();

    private void Run(int lane)
    {
        try
        {
            while (true)
            {
                _posted.Wait(_ending.Token);
                if (Take() is not { } taken)
                {
                    // Withdrawn meanwhile.
                    continue;
                }

                long began = _time.GetTimestamp();
                taken.Job.Compute(lane);
                lock (_gate)
                {
                    _shares = _shares.End(taken.Job.Lease.RunId.Value, taken.ChargedSeconds, _time.GetElapsedTime(began).TotalSeconds);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node is going down; nobody waits for what is left.
        }
    }

    private (LaneJob Job, double ChargedSeconds)? Take()
    {
        lock (_gate)
        {
            if (_ending.IsCancellationRequested || _shares.Next(_waiting.Keys.Select(run => run.Value)) is not { } run)
            {
                return null;
            }

            LaneJob job = _waiting[new RunId(run)].First!.Value;
            Remove(job);
            (_shares, double charged) = _shares.Begin(run);
            return (job, charged);
        }
    }

    private void Remove(LaneJob job)
    {
        LinkedList<LaneJob> jobs = _waiting[job.Lease.RunId];
        jobs.Remove(job);
        if (jobs.Count == 0)
        {
            _waiting.Remove(job.Lease.RunId);
        }
    }
}
