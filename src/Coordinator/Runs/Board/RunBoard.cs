using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>
/// The read model: the latest snapshot of every run of this node. Run entities publish, everybody reads without asking an
/// actor. Thread-safe.
/// </summary>
public sealed class RunBoard
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, RunSnapshot> _runs = [];
    private readonly Dictionary<ChannelWriter<RunSnapshot>, RunId> _watchers = [];
    private readonly HashSet<RunId> _reserved = [];
    private readonly Dictionary<RunId, RunBlocks> _blocks = [];

    /// <summary>All runs, in no order.</summary>
    public IReadOnlyCollection<RunSnapshot> Runs
    {
        get
        {
            lock (_gate)
            {
                return [.. _runs.Values];
            }
        }
    }

    /// <summary>One run; null when this node does not know it.</summary>
    public RunSnapshot? Find(RunId runId)
    {
        lock (_gate)
        {
            return _runs.GetValueOrDefault(runId);
        }
    }

    /// <summary>Removes a run that is no longer this node's; nobody who watches it sees more.</summary>
    public void Remove(RunId runId)
    {
        lock (_gate)
        {
            _runs.Remove(runId);
            _blocks.Remove(runId);
            foreach ((ChannelWriter<RunSnapshot> watcher, _) in _watchers.Where(watcher => watcher.Value == runId))
            {
                watcher.TryComplete();
            }
        }
    }

    /// <summary>Removes runs that are no longer in the store, unless this node trains them or has published them again.</summary>
    /// <param name="deleted">Their snapshots here before the store was asked.</param>
    public void Forget(IEnumerable<RunSnapshot> deleted)
    {
        lock (_gate)
        {
            foreach (RunSnapshot run in deleted.Where(run => run.Status != RunStatus.Training && ReferenceEquals(_runs.GetValueOrDefault(run.RunId), run)))
            {
                _runs.Remove(run.RunId);
            }
        }
    }

    /// <summary>Reserves a name for a run that is about to be started.</summary>
    /// <returns>False when a run has the name or it is already reserved.</returns>
    public bool TryReserve(RunId runId)
    {
        lock (_gate)
        {
            return !_runs.ContainsKey(runId) && _reserved.Add(runId);
        }
    }

    /// <summary>Ends a reservation, after the run has been started or refused.</summary>
    public void EndReservation(RunId runId)
    {
        lock (_gate)
        {
            _reserved.Remove(runId);
        }
    }

    /// <summary>Replaces a run's snapshot.</summary>
    public void Publish(RunSnapshot snapshot)
    {
        lock (_gate)
        {
            _runs[snapshot.RunId] = snapshot;
            if (snapshot.Status != RunStatus.Training)
            {
                _blocks.Remove(snapshot.RunId);
            }

            foreach ((ChannelWriter<RunSnapshot> watcher, RunId runId) in _watchers)
            {
                if (runId == snapshot.RunId)
                {
                    watcher.TryWrite(snapshot);
                }
            }
        }
    }

    /// <summary>Replaces where a run's blocks are, if it is in training here.</summary>
    internal void Show(RunBlocks blocks)
    {
        lock (_gate)
        {
            if (_runs.GetValueOrDefault(blocks.RunId)?.Status == RunStatus.Training)
            {
                _blocks[blocks.RunId] = blocks;
            }
        }
    }

    /// <summary>Where a run's blocks are, as of the latest second; null when it is not trained here.</summary>
    internal RunBlocks? BlocksOf(RunId runId)
    {
        lock (_gate)
        {
            return _blocks.GetValueOrDefault(runId);
        }
    }

    /// <summary>The latest snapshot of a run, if there is one, and every later one, each once and in order; ends after the run is over or removed.</summary>
    public async IAsyncEnumerable<RunSnapshot> Watch(RunId runId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateUnbounded<RunSnapshot>(new UnboundedChannelOptions { SingleReader = true });
        lock (_gate)
        {
            if (_runs.TryGetValue(runId, out RunSnapshot? known))
            {
                channel.Writer.TryWrite(known);
            }

            _watchers[channel.Writer] = runId;
        }

        try
        {
            await foreach (RunSnapshot snapshot in channel.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return snapshot;
                if (snapshot.IsOver)
                {
                    yield break;
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(channel.Writer);
            }
        }
    }
}
