using System.Collections.Immutable;
using MetaMap.Coordinator.Stores;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Lifecycle;

/// <summary>Runs that an earlier coordinator left in the store and that this one leaves alone until somebody asks for them. Safe for concurrent use.</summary>
/// <param name="areTakenUp">Whether there are none: this coordinator takes up whatever it finds.</param>
internal sealed class LeftRuns(bool areTakenUp)
{
    private readonly Lock _gate = new();
    private ImmutableHashSet<string>? _left = areTakenUp ? [] : null;

    /// <summary>The runs without those that are left alone. The first list that comes says which these are.</summary>
    /// <param name="runs">All runs of the store.</param>
    /// <param name="found">Those that are left alone from now on; empty but for the first list.</param>
    public ImmutableArray<StoredRun> Without(ImmutableArray<StoredRun> runs, out ImmutableArray<string> found)
    {
        lock (_gate)
        {
            found = [];
            if (_left is null)
            {
                _left = [.. runs.Where(run => run is { Owner: null, IsAttended: false, Status: RunStatus.Queued or RunStatus.Training }).Select(run => run.RunId)];
                found = [.. _left.Order(StringComparer.Ordinal)];
            }

            ImmutableHashSet<string> left = _left;
            return left.IsEmpty ? runs : [.. runs.Where(run => !left.Contains(run.RunId))];
        }
    }

    /// <summary>Somebody has asked for a run.</summary>
    public void Take(string runId)
    {
        lock (_gate)
        {
            _left = _left?.Remove(runId);
        }
    }
}
