using Akka.Actor;
using Akka.Event;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>Decides which runs a worker opens, and how many blocks it asks for.</summary>
internal static class RunRules
{
    /// <summary>A run that no coordinator has named for this long is considered over; longer than a run stays without an owner.</summary>
    private static readonly TimeSpan _forgottenAfter = TimeSpan.FromMinutes(2);

    public static void Name(this WorkerTurn turn, RunOpened opened, Address coordinator)
    {
        if (turn.Departure != Departure.None)
        {
            return;
        }

        RunHere? known = turn.Runs.Find(opened.RunId);
        if (known is not null && known.Opened with { Weight = opened.Weight } == opened)
        {
            // At most its coordinator and its weight have changed.
            RunHere named = known with { Opened = opened, Coordinator = coordinator, NamedAt = turn.Now };
            turn.Runs = turn.Runs.Put(named);
            TellDeclined(turn, named);
            return;
        }

        // Another run of the same name: the message that the previous one is over was lost.
        turn.Close(opened.RunId);
        (OpenRuns runs, RunHere opening) = turn.Runs.Add(opened, coordinator, turn.Now);
        turn.Runs = runs;
        turn.Do(new WorkerEffect.OpenRun(opening.Number, opened));
    }

    public static void Open(this WorkerTurn turn, WorkerInput.RunReady ready)
    {
        if (turn.Departure != Departure.None || turn.Runs.Find(ready.Number) is not { } opening)
        {
            turn.Do(new WorkerEffect.CloseRun(ready.Number));
            return;
        }

        RunHere open = opening with { Layout = ready.Layout, Kernels = ready.Kernels };
        turn.State = turn.State with { Runs = turn.Runs.Put(open), Kernels = turn.State.Kernels.Add(ready.Kernels) };
        turn.Log(LogLevel.InfoLevel, "works for run {RunId}, convolutions: {Kernels}", open.RunId, open.Kernels);
        Request(turn, open, LeasesWanted(turn));
    }

    public static void Decline(this WorkerTurn turn, WorkerInput.RunUnfit unfit)
    {
        if (turn.Runs.Find(unfit.Number) is { } opening)
        {
            RunHere declined = opening with { Declined = new RunDeclined(opening.RunId, turn.Profile.Id, unfit.Reason, unfit.IsBadData) };
            turn.Runs = turn.Runs.Put(declined);
            turn.Log(LogLevel.ErrorLevel, "cannot work for run {RunId}: {Reason}", opening.RunId, unfit.Reason);
            TellDeclined(turn, declined);
        }
    }

    /// <summary>A run that was open cannot be computed here any more: its leases go back, and others compute it.</summary>
    public static void Withdraw(this WorkerTurn turn, RunId runId, BlockOutcome.Unfit unfit)
    {
        if (turn.Runs.Find(runId) is { IsOpen: true } run)
        {
            turn.Return(held => held.Run.Number == run.Number, unfit.Reason);
            Request(turn, run, 0);
            turn.Runs = turn.Runs.Put(run with { Layout = null });
            turn.Do(new WorkerEffect.CloseRun(run.Number));
            turn.Decline(new WorkerInput.RunUnfit(run.Number, unfit.Reason, unfit is BlockOutcome.DataFailed));
        }
    }

    public static void Close(this WorkerTurn turn, RunId runId)
    {
        turn.DropLeasesOf(runId);
        if (turn.Runs.Find(runId) is not { } run)
        {
            return;
        }

        turn.Runs = turn.Runs.Remove(run);
        if (run.IsOpen)
        {
            turn.Do(new WorkerEffect.CloseRun(run.Number));
            turn.Log(LogLevel.InfoLevel, "works no more for run {RunId}", runId);
        }
    }

    /// <summary>Closes runs whose end was missed.</summary>
    public static void Forget(this WorkerTurn turn)
    {
        foreach (RunHere run in turn.Runs.All.Where(run => turn.Now - run.NamedAt >= _forgottenAfter))
        {
            Close(turn, run.RunId);
        }
    }

    /// <summary>Asks for blocks again, so that a run that has moved learns of its workers.</summary>
    public static void RequestAgain(this WorkerTurn turn)
    {
        foreach (RunHere run in turn.Departure == Departure.None ? turn.Runs.Open : [])
        {
            Request(turn, run, LeasesWanted(turn));
        }
    }

    /// <summary>Stops asking for blocks.</summary>
    public static void RequestNoMore(this WorkerTurn turn)
    {
        foreach (RunHere run in turn.Runs.Open)
        {
            Request(turn, run, 0);
        }
    }

    // Again whenever it is named: the message may have been lost, or the run may have moved.
    private static void TellDeclined(WorkerTurn turn, RunHere run)
    {
        if (run.Declined is { } declined)
        {
            turn.Do(new WorkerEffect.TellWorkforce(run.Coordinator, declined));
        }
    }

    private static void Request(WorkerTurn turn, RunHere run, int leases) =>
        turn.Do(new WorkerEffect.TellRun(new RequestBlocks(run.RunId, turn.Profile.Id, leases, run.Kernels)));

    // With several runs, each needs a waiting block; otherwise a free lane could only take the block that happens to arrive first.
    private static int LeasesWanted(WorkerTurn turn) => turn.Profile.Lanes * (turn.Runs.Open.Skip(1).Any() ? 2 : 1);
}
