using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>Decides when a run is measured, and handles the measures.</summary>
internal static class EvaluationRules
{
    /// <summary>Starts an evaluation that a client asks for.</summary>
    public static void Evaluate(this RunTurn turn, long client, EvaluateRun request)
    {
        try
        {
            turn.Measure(new WantedEvaluation(client, request.Part, Math.Max(1, request.Episodes), request.InnerSteps));
        }
        catch (Exception error) when (error is ConfigurationException or DataException)
        {
            turn.Refuse(client, error.Message);
        }

        turn.Advance(turn.Progress);
    }

    /// <summary>Nobody waits for the evaluations of a client any more: their lanes are free for others.</summary>
    public static void Abandon(this RunTurn turn, long client)
    {
        foreach (RunEvaluation evaluation in turn.Evaluations.All.Where(evaluation => evaluation.Wanted.Client == client))
        {
            turn.Remove(evaluation);
        }

        turn.Advance(turn.Progress);
    }

    /// <summary>Measures the latest version on the validation classes, if that is due and not yet in progress.</summary>
    public static void MeasureIfDue(this RunTurn turn)
    {
        if (turn.Progress.IsValidationDue && !turn.Evaluations.IsValidating)
        {
            RunOptions options = turn.State.Setup.Training.Options;
            turn.Measure(new WantedEvaluation(null, SplitPart.Validation, options.ValidationEpisodes, options.EvalInnerSteps));
        }
    }

    /// <summary>Goes on with evaluations, answers the clients of those that are over, and records a measurement on the validation classes.</summary>
    /// <returns>True when training goes on.</returns>
    public static bool TrySettle(this RunTurn turn)
    {
        turn.Evaluations = turn.Evaluations.GoOn(turn.State.Setup.Training);
        RunEvaluation? validation = null;
        foreach (RunEvaluation evaluation in turn.Evaluations.All.Where(evaluation => evaluation.IsOver))
        {
            turn.Remove(evaluation);
            if (evaluation.Wanted.Client is not { } client)
            {
                validation = evaluation;
            }
            else if (evaluation.IsFailed)
            {
                turn.Refuse(client, $"The evaluation of run {turn.RunId} failed: {evaluation.LastFailure}.");
            }
            else
            {
                turn.Do(new RunEffect.Reply(client, new RunEvaluated(
                    turn.RunId, evaluation.State.Iteration, evaluation.State.Parameters.Sha256, evaluation.Result(turn.State.Setup.Training))));
            }
        }

        return validation is null || turn.TryValidate(validation);
    }

    /// <summary>Ends all evaluations, and tells their clients.</summary>
    public static void EndEvaluations(this RunTurn turn)
    {
        foreach (RunEvaluation evaluation in turn.Evaluations.All)
        {
            turn.Remove(evaluation);
            if (evaluation.Wanted.Client is { } client)
            {
                turn.Refuse(client, $"Run {turn.RunId} ended before the evaluation was done; evaluate its model instead.");
            }
        }
    }

    private static void Measure(this RunTurn turn, WantedEvaluation wanted)
    {
        turn.Evaluations = turn.Evaluations.Add(wanted, turn.State.Setup.Training, turn.Progress.State);
        turn.Do(new RunEffect.Offer(turn.Progress.State.Parameters));
    }

    private static bool TryValidate(this RunTurn turn, RunEvaluation measured)
    {
        if (measured.IsFailed)
        {
            turn.End(
                RunStatus.Failed,
                $"Run {turn.RunId} could not be measured on its validation classes at iteration {turn.Progress.State.Iteration}: {measured.LastFailure}.");
            return false;
        }

        try
        {
            (turn.Progress, ValidationMetrics metrics) = turn.Progress.Validated(measured.Result(turn.State.Setup.Training));
            turn.Commits = turn.Commits.Add(new CommitStep(null, null, metrics));
            return turn.GoesOn();
        }
        catch (DivergedException error)
        {
            turn.Diverge(error);
            return false;
        }
    }

    private static void Remove(this RunTurn turn, RunEvaluation evaluation)
    {
        turn.Evaluations = turn.Evaluations.Remove(evaluation);
        turn.Do(new RunEffect.Withdraw(RunTurn.IdOf(evaluation.State.Parameters)));
    }
}
