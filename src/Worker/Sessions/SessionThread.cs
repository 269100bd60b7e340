namespace MetaMap.Worker.Sessions;

/// <summary>
/// The one thread on which a worker adapts and predicts for sessions, beside its lanes. Predictions take milliseconds and go first; adaptations wait for their
/// share while the lanes train.
/// </summary>
internal sealed class SessionThread : IDisposable
{
    // Training may end in the meantime.
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    private readonly object _gate = new();
    private readonly Queue<Action> _predictions = [];
    private readonly Queue<Action> _adaptations = [];
    private readonly Func<bool> _isTraining;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private SessionShare _share;
    private bool _isOver;

    /// <summary>Starts the thread.</summary>
    /// <param name="share">What adaptations may take.</param>
    /// <param name="isTraining">Whether a lane computes for a run.</param>
    /// <param name="time">Clock.</param>
    public SessionThread(SessionShare share, Func<bool> isTraining, TimeProvider time)
    {
        (_share, _isTraining, _time, _startedAt) = (share, isTraining, time, time.GetTimestamp());
        new Thread(Live) { Name = "sessions", IsBackground = true }.Start();
    }

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    /// <summary>Queues an adaptation, which must not throw.</summary>
    public void Adapt(Action work) => Add(_adaptations, work);

    /// <summary>Queues a prediction, or other short work, which must not throw; it is done before adaptations that have not begun.</summary>
    public void Predict(Action work) => Add(_predictions, work);

    /// <summary>Ends the thread after its current work; what is queued is dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Add(Queue<Action> queue, Action work)
    {
        lock (_gate)
        {
            queue.Enqueue(work);
            Monitor.PulseAll(_gate);
        }
    }

    private void Live()
    {
        while (Take() is { } work)
        {
            bool isBesideTraining = _isTraining();
            TimeSpan began = Now;
            work();
            TimeSpan ended = Now;
            _share = isBesideTraining || _isTraining() ? _share.Spend(ended, ended - began) : _share;
        }
    }

    private Action? Take()
    {
        lock (_gate)
        {
            while (!_isOver)
            {
                if (_predictions.TryDequeue(out Action? prediction))
                {
                    return prediction;
                }

                TimeSpan wait = _isTraining() ? _share.Wait(Now) : TimeSpan.Zero;
                if (wait == TimeSpan.Zero && _adaptations.TryDequeue(out Action? adaptation))
                {
                    return adaptation;
                }

                Monitor.Wait(_gate, _adaptations.Count == 0 ? Timeout.InfiniteTimeSpan : wait < _look ? wait : _look);
            }

            return null;
        }
    }
}
