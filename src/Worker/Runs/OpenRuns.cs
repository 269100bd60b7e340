using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Runs;

/// <summary>
/// The runs that this worker takes part in. Coordinators name their open runs again and again, so that no lost message
/// matters: a run that is known, or was declined, is not opened twice. Owned by one actor.
/// </summary>
public sealed class OpenRuns
{
    private readonly Dictionary<RunId, WorkerRun> _open = [];
    private readonly Dictionary<RunId, RunOpened> _opening = [];
    private readonly Dictionary<RunId, RunOpened> _declined = [];

    /// <summary>All that are open.</summary>
    public IEnumerable<RunId> Ids => _open.Keys;

    /// <summary>An open run; null when it is not.</summary>
    public WorkerRun? Find(RunId runId) => _open.GetValueOrDefault(runId);

    /// <summary>A coordinator names a run.</summary>
    /// <returns>True when it is to be opened now.</returns>
    public bool Begin(RunOpened opened) =>
        !_open.ContainsKey(opened.RunId) && _declined.GetValueOrDefault(opened.RunId) != opened && _opening.TryAdd(opened.RunId, opened);

    /// <summary>A run has been opened.</summary>
    /// <returns>False when it was closed meanwhile.</returns>
    public bool Add(WorkerRun run)
    {
        if (!_opening.Remove(run.Opened.RunId))
        {
            run.Dispose();
            return false;
        }

        _open[run.Opened.RunId] = run;
        return true;
    }

    /// <summary>A run could not be opened.</summary>
    public void Decline(RunOpened opened)
    {
        _opening.Remove(opened.RunId);
        _declined[opened.RunId] = opened;
    }

    /// <summary>A run is over.</summary>
    /// <returns>True when it was open.</returns>
    public bool Close(RunId runId)
    {
        _opening.Remove(runId);
        _declined.Remove(runId);
        if (!_open.Remove(runId, out WorkerRun? run))
        {
            return false;
        }

        run.Dispose();
        return true;
    }
}
