using System.Collections.Immutable;

namespace MetaMap.Worker.Machine;

/// <summary>
/// Everything that a worker decides, as one pure function: which coordinators it registers with and when it has lost them, which
/// runs it opens and asks for blocks, whose block a free lane computes, which gradients it holds and for how long, and its end.
/// </summary>
internal static class WorkerMachine
{
    /// <summary>One step: what follows from an input.</summary>
    /// <param name="state">The worker before.</param>
    /// <param name="input">What happened.</param>
    /// <param name="now">Time on the worker's monotonic clock.</param>
    /// <returns>The worker after, and what it does, in order.</returns>
    public static (WorkerState State, ImmutableArray<WorkerEffect> Effects) Step(WorkerState state, WorkerInput input, TimeSpan now)
    {
        WorkerTurn turn = new(state with { Clock = state.Clock.Until(now, state.Desk) }, now);
        switch (input)
        {
            case WorkerInput.CoordinatorUp up: turn.Meet(up.Coordinator); break;
            case WorkerInput.NodeRemoved removed: turn.LoseSight(removed.Node); break;
            case WorkerInput.CutOff cut: turn.BeCutOff(cut.Node); break;
            case WorkerInput.Unknown unknown: turn.BeUnknown(unknown.Coordinator); break;
            case WorkerInput.Welcomed welcomed: turn.BeWelcome(welcomed.Coordinator); break;
            case WorkerInput.Refused refused: turn.Do(new WorkerEffect.End(refused.Reason)); break;
            case WorkerInput.Tick tick: turn.Tick(tick.IsMember); turn.Forget(); turn.RequestAgain(); break;
            case WorkerInput.RunNamed named: turn.Name(named.Opened, named.Coordinator); break;
            case WorkerInput.RunReady ready: turn.Open(ready); break;
            case WorkerInput.RunUnfit unfit: turn.Decline(unfit); break;
            case WorkerInput.RunOver over: turn.Close(over.RunId); break;
            case WorkerInput.Leased leased: turn.Hold(leased.Lease); break;
            case WorkerInput.ParametersHere here: turn.Supply(here); break;
            case WorkerInput.ParametersMissed missed: turn.Miss(missed); break;
            case WorkerInput.LaneEnded ended: turn.Answer(ended); break;
            case WorkerInput.Judged judged: turn.Judge(judged.Verdict); break;
            case WorkerInput.Drain: turn.Drain(); break;
            case WorkerInput.GraceOver: turn.GiveUp(); break;
        }

        turn.UseFreeLanes();
        turn.LeaveOnceDone();
        return (turn.State, turn.Effects);
    }
}
