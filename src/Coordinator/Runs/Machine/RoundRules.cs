using System.Collections.Immutable;
using Akka.Event;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Workers;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>Takes a run from one iteration to the next: what follows from every change of its progress.</summary>
internal static class RoundRules
{
    /// <summary>Adopts new progress and does what follows: exclusions, measurements, the next iteration, leases, a commit.</summary>
    public static void Advance(this RunTurn turn, RunProgress next)
    {
        turn.Exclude(turn.Progress.Round, next.Round);
        string? refusal = turn.Progress.LastRefusal;
        turn.Progress = next;
        if (next.Waiting != turn.State.Waiting)
        {
            turn.State = turn.State.Wait(next.Waiting, turn.Now);
            turn.Publish(RunStatus.Training, null);
        }

        if (next.LastRefusal != refusal)
        {
            turn.Log(LogLevel.DebugLevel, "run {RunId}, iteration {Iteration}: {Refusal}", turn.RunId, next.Round.Iteration, next.LastRefusal);
        }

        if (!turn.TrySettle() || (turn.Progress.CanStep && !turn.Commits.IsFull && !turn.TryStep()))
        {
            return;
        }

        turn.MeasureIfDue();
        turn.Lease();
        turn.BeginCommit(isLast: false);
    }

    /// <summary>Ends the run if nothing is left to train.</summary>
    /// <returns>True when training goes on.</returns>
    public static bool GoesOn(this RunTurn turn)
    {
        if (turn.Progress.IsFinished)
        {
            turn.End(RunStatus.Finished, null);
        }

        return !turn.Progress.IsFinished;
    }

    /// <summary>Training cannot go on: ends the run once the episode to blame is written.</summary>
    public static void Diverge(this RunTurn turn, DivergedException error)
    {
        turn.EndEvaluations();
        turn.Stage = new RunStage.Diverging();
        turn.Do(new RunEffect.ExportDiverged(error));
    }

    private static void Exclude(this RunTurn turn, MetaRound before, MetaRound after)
    {
        if (ReferenceEquals(before.ExcludedWorkers, after.ExcludedWorkers))
        {
            return;
        }

        foreach (JournalEntry dropped in JournalEntry.Dropped(before, after))
        {
            turn.Note(dropped);
        }

        foreach ((string worker, string reason) in after.ExcludedWorkers.Where(worker => !before.ExcludedWorkers.ContainsKey(worker.Key)))
        {
            WorkerId excluded = new(worker);
            turn.Do(new RunEffect.ToWorkforce(new WorkerExcluded(turn.RunId, excluded, reason)));
            turn.Log(LogLevel.WarningLevel, "run {RunId} excludes a worker: {Reason}", turn.RunId, reason);
            turn.Evaluations = turn.Evaluations.Lose(excluded);
        }
    }

    /// <returns>True when training goes on.</returns>
    private static bool TryStep(this RunTurn turn)
    {
        foreach (JournalEntry excluded in JournalEntry.Completed(turn.Progress.Round))
        {
            turn.Note(excluded);
        }

        try
        {
            (RunProgress next, CompletedIteration completed) = turn.Progress.Step();
            foreach (QuarantinedBlock block in completed.Quarantined)
            {
                turn.Note(JournalEntry.Of(JournalEvent.Quarantined, block.Iteration) with { Block = block.BlockIndex, Reason = block.Reason });
                turn.Do(new RunEffect.ExportQuarantined(block));
            }

            turn.Do(new RunEffect.Offer(next.State.Parameters));
            turn.Do(new RunEffect.Withdraw(RunTurn.IdOf(turn.Progress.State.Parameters)));
            turn.Progress = next;
            turn.Commits = turn.Commits.Add(new CommitStep(next.State.Parameters.Sha256, completed.Metrics, null)
            {
                Kept = turn.State.Setup.Kept.IsForGood(next.State.Iteration) ? next.State : null,
            });
        }
        catch (DivergedException error)
        {
            turn.Diverge(error);
            return false;
        }

        if (turn.Progress.Round.Iteration > turn.Progress.State.Iteration)
        {
            turn.Note(JournalEntry.Opened(turn.Progress.Round));
        }

        return turn.GoesOn();
    }

    private static void Lease(this RunTurn turn)
    {
        (turn.Evaluations, LaneLedger lanes, ImmutableArray<BlockAssignment> measured) =
            turn.Evaluations.Assign(turn.Progress.Lanes, turn.Progress.Policy, turn.Now);
        foreach (BlockAssignment assignment in measured)
        {
            RunEvaluation evaluation = turn.Evaluations.All[0];
            turn.Send(assignment, evaluation.Wanted.InnerSteps, evaluation.HasBaselines, evaluation.State.Parameters);
        }

        (turn.Progress, ImmutableArray<BlockAssignment> assignments) = (turn.Progress with { Lanes = lanes }).Assign(turn.Now);
        foreach (BlockAssignment assignment in assignments)
        {
            turn.Note(JournalEntry.Of(JournalEvent.Leased, turn.Progress.Round.Iteration) with
            {
                Block = assignment.Lease.Block, Attempt = assignment.Lease.Attempt, Worker = assignment.Worker.Value,
            });
            turn.Send(assignment, 0, false, turn.Progress.State.Parameters);
        }
    }

    private static void Send(this RunTurn turn, BlockAssignment assignment, int innerSteps, bool withBaselines, ParameterVector parameters) => turn.Do(new RunEffect.ToWorker(
        assignment.Worker,
        new BlockLeased(assignment.Lease, assignment.Block.Episodes, innerSteps, withBaselines, RunTurn.IdOf(parameters), turn.State.Setup.Holder)));
}
