using Akka.Event;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>How a run uses its store, and how it ends on a node.</summary>
internal static class EndRules
{
    private const int LastTries = 3;
    private static readonly TimeSpan _storePause = TimeSpan.FromSeconds(1);

    /// <summary>Time has passed: takes back late leases, stores the journal, and shows that the owner is alive.</summary>
    public static void Tick(this RunTurn turn)
    {
        turn.Evaluations = turn.Evaluations.Expire(turn.Progress.Policy, turn.Now);
        turn.Advance(turn.Progress.Expire(turn.Now));
        if (turn.State is { Stage: RunStage.Training, Commits.IsEmpty: true })
        {
            turn.Do(new RunEffect.FlushJournal());
        }

        turn.Renew();
        turn.EndIfForsaken();
    }

    /// <summary>Shows that the owner is alive, unless that is in progress.</summary>
    public static void Renew(this RunTurn turn)
    {
        if (!turn.State.IsRenewing)
        {
            turn.State = turn.State with { IsRenewing = true };
            turn.Do(new RunEffect.Renew());
        }
    }

    public static void Renewed(this RunTurn turn, string? problem)
    {
        turn.State = turn.State with { IsRenewing = false };
        turn.Warn(problem);
    }

    public static void BeginCommit(this RunTurn turn, bool isLast)
    {
        (turn.Commits, CommitGroup? group) = turn.Commits.Begin(turn.Progress.State, turn.State.Model(isLast), isLast, turn.Now);
        if (group is not null)
        {
            turn.Do(new RunEffect.Commit(group));
        }
    }

    public static void Committed(this RunTurn turn, string? problem)
    {
        turn.Progress = turn.Progress with { Counters = turn.Progress.Counters.Took(new IterationTimes(Commit: (turn.Now - turn.Commits.Began).TotalSeconds)) };
        (turn.Commits, CommitGroup done) = turn.Commits.Succeeded(turn.Now);
        turn.State = turn.State with { Problem = null, Durable = turn.Durable with { State = done.State } };
        turn.Degrade(problem);
        foreach (CommitStep step in done.Steps)
        {
            turn.Durable = turn.Durable.After(step);
            turn.Publish(RunStatus.Training, null);
        }

        switch (turn.Stage)
        {
            case RunStage.Training:
                turn.Advance(turn.Progress);
                break;
            case RunStage.Ending ending:
                turn.EndOrGoOn(ending, turn.Commits.IsOver);
                break;
            default:
                break;
        }
    }

    public static void CommitFailed(this RunTurn turn, string problem)
    {
        turn.Commits = turn.Commits.Failed(_storePause, turn.Now);
        turn.Degrade(problem);
        if (turn.Stage is RunStage.Ending ending)
        {
            ending = ending with { FailedCommits = ending.FailedCommits + 1 };
            turn.Stage = ending;
            turn.EndOrGoOn(ending, ending.FailedCommits >= LastTries);
        }
        else
        {
            turn.Publish(RunStatus.Training, null);
        }
    }

    /// <summary>Stops computing blocks, commits what is complete, and gives the run back.</summary>
    public static void End(this RunTurn turn, RunStatus status, string? reason)
    {
        turn.EndEvaluations();
        // If another coordinator takes the run up, workers may keep what they have of it.
        turn.Do(new RunEffect.ToWorkforce(status == RunStatus.Queued ? new RunLeft(turn.RunId) : new RunClosed(turn.RunId)));
        turn.State = turn.State with { Stage = new RunStage.Ending(status, reason, 0), Unfetched = turn.State.Unfetched.Clear() };
        turn.BeginCommit(isLast: true);
    }

    /// <summary>The run has been given back.</summary>
    public static void GiveUp(this RunTurn turn, RunStage.Ending ending, string? problem)
    {
        turn.Degrade(problem);
        turn.Stage = new RunStage.Over();
        // The latest state is shown even if the store does not work.
        turn.Durable = turn.Durable with { State = turn.Progress.State };
        turn.Publish(ending.Status, ending.Reason);
        turn.Do(new RunEffect.End(ending.Status, turn.Progress.State.Iteration));
    }

    /// <summary>Another coordinator has taken the run over.</summary>
    public static void Leave(this RunTurn turn, string reason)
    {
        turn.Log(LogLevel.WarningLevel, "run {RunId} is left to another coordinator: {Reason}", turn.RunId, reason);
        turn.EndEvaluations();
        turn.Do(new RunEffect.ToWorkforce(new RunLeft(turn.RunId)));
        turn.Do(new RunEffect.Unpublish());
        turn.State = turn.State with { Stage = new RunStage.Over(), Unfetched = turn.State.Unfetched.Clear() };
        turn.Do(new RunEffect.End(null, turn.Progress.State.Iteration));
    }

    private static void EndOrGoOn(this RunTurn turn, RunStage.Ending ending, bool isOver)
    {
        if (!isOver)
        {
            turn.BeginCommit(isLast: true);
            return;
        }

        // If the store lacks the last commit, the run is not finished: whoever takes it up continues from what is stored.
        RunStatus status = ending.Status == RunStatus.Finished && !turn.Commits.IsOver ? RunStatus.Queued : ending.Status;
        turn.Note(JournalEntry.Of(JournalEvent.Released, turn.Progress.State.Iteration) with { Reason = ending.Reason ?? status.ToString() });
        turn.Do(new RunEffect.Release(status, ending.Reason));
    }

    private static void Degrade(this RunTurn turn, string? problem)
    {
        if (problem is not null)
        {
            turn.State = turn.State with { Problem = problem };
            turn.Warn(problem);
        }
    }
}
