using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// The read model: the newest snapshot of every run of this node. Run entities publish, everybody reads without
/// asking an actor. Thread-safe.
/// </summary>
public sealed class RunBoard
{
    private readonly ConcurrentDictionary<RunId, RunSnapshot> _runs = new();
    private readonly ConcurrentDictionary<ChannelWriter<RunSnapshot>, RunId> _watchers = new();
    private volatile RunSnapshot? _newest;

    /// <summary>All runs, in no order.</summary>
    public IReadOnlyCollection<RunSnapshot> Runs => [.. _runs.Values];

    /// <summary>The run that was started last; null before the first.</summary>
    public RunSnapshot? Current => _newest is { } newest ? _runs[newest.RunId] : null;

    /// <summary>One run; null when this node does not know it.</summary>
    public RunSnapshot? Find(RunId runId) => _runs.GetValueOrDefault(runId);

    /// <summary>Replaces a run's snapshot.</summary>
    public void Publish(RunSnapshot snapshot)
    {
        bool isNew = !_runs.ContainsKey(snapshot.RunId);
        _runs[snapshot.RunId] = snapshot;
        if (isNew)
        {
            _newest = snapshot;
        }

        foreach ((ChannelWriter<RunSnapshot> watcher, RunId runId) in _watchers)
        {
            if (runId == snapshot.RunId)
            {
                watcher.TryWrite(snapshot);
            }
        }
    }

    /// <summary>Every snapshot of a run that is published from now on; ends after one that is over.</summary>
    public async IAsyncEnumerable<RunSnapshot> Watch(RunId runId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateUnbounded<RunSnapshot>(new UnboundedChannelOptions { SingleReader = true });
        _watchers[channel.Writer] = runId;
        try
        {
            if (Find(runId) is { } known)
            {
                yield return known;
                if (known.IsOver)
                {
                    yield break;
                }
            }

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
            _watchers.TryRemove(channel.Writer, out _);
        }
    }
}
