using System.Collections.Immutable;
using Akka.Event;
using MetaMap.Coordinator.Journal;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>
/// A run in training as a pure state machine: everything that is decided between its claim and its end on a node. Its driver
/// carries out the effects in order and feeds back their outcomes as inputs.
/// </summary>
internal static class RunMachine
{
    /// <summary>What workers must know about a run.</summary>
    /// <param name="training">The mathematics of the run.</param>
    /// <param name="weight">Its share of each worker, above 0.</param>
    /// <param name="dataPath">What it names in each worker's folder of data.</param>
    public static RunOpened Opened(MetaTraining training, double weight, string? dataPath) => new(
        new RunId(training.RunId), RunOptionsJson.Write(training.Options), training.Catalog.Digest, training.Layout.Digest, weight, dataPath);

    /// <summary>Begins a run that has been claimed.</summary>
    /// <param name="setup">The run.</param>
    /// <param name="now">Elapsed time on the coordinator's monotonic clock.</param>
    public static (RunState State, ImmutableArray<RunEffect> Effects) Begin(RunSetup setup, TimeSpan now)
    {
        RunTurn turn = new(RunState.Of(setup, now), now);
        turn.Note(JournalEntry.Of(JournalEvent.Claimed, setup.Start.Iteration) with { Worker = setup.Node, Reason = setup.Ignored });
        turn.Do(new RunEffect.Offer(setup.Start.Parameters));
        turn.Publish(RunStatus.Training, null);
        if (turn.GoesOn())
        {
            turn.Note(JournalEntry.Opened(turn.State.Progress.Round));
            turn.Do(new RunEffect.ToWorkforce(Opened(setup.Training, setup.Sharing.Weight, setup.DataPath)));
        }

        return turn.Result;
    }

    /// <summary>Handles one input.</summary>
    /// <param name="state">The state of the run.</param>
    /// <param name="input">What has happened.</param>
    /// <param name="now">Elapsed time on the coordinator's monotonic clock.</param>
    public static (RunState State, ImmutableArray<RunEffect> Effects) Step(RunState state, RunInput input, TimeSpan now)
    {
        RunTurn turn = new(state, now);
        if (!TakeStore(turn, input))
        {
            switch (state.Stage)
            {
                case RunStage.Training:
                    Train(turn, input);
                    break;
                case RunStage.Diverging when input is RunInput.DivergedExported exported:
                    turn.Log(LogLevel.ErrorLevel, "run {RunId}, iteration {Iteration}: {Reason}", state.Setup.RunId, state.Progress.Round.Iteration, exported.Reason);
                    turn.End(RunStatus.Failed, exported.Reason);
                    break;
                case RunStage.Ending ending when input is RunInput.Released released:
                    turn.GiveUp(ending, released.Problem);
                    break;
                default:
                    turn.Log(LogLevel.DebugLevel, "{Input} came after run {RunId} had taken its last block in", input.GetType().Name, state.Setup.RunId);
                    break;
            }
        }

        return turn.Result;
    }

    /// <summary>Handles what is the same at every stage until the end: the store's answers, and clients that come too late.</summary>
    /// <returns>True when the input has been handled.</returns>
    private static bool TakeStore(RunTurn turn, RunInput input)
    {
        RunStage stage = turn.State.Stage;
        switch (input)
        {
            case RunInput.EvaluationWanted late when stage is not RunStage.Training:
                turn.Refuse(late.Client, $"Run {turn.RunId} is coming to its end here, so its workers evaluate nothing more; evaluate its model without --on-cluster.");
                return true;
            case var _ when stage is RunStage.Over: return false;
            case RunInput.Committed committed: turn.Committed(committed.Problem); return true;
            case RunInput.CommitFailed failed: turn.CommitFailed(failed.Problem); return true;
            case RunInput.JournalFlushed flushed: turn.Warn(flushed.Problem); return true;
            case RunInput.QuarantineExported exported: turn.Warn(exported.Sentence); return true;
            case RunInput.Renewed renewed: turn.Renewed(renewed.Problem); return true;
            case RunInput.Fenced fenced: turn.Leave(fenced.Reason); return true;
            case RunInput.Ticked when stage is not RunStage.Training: turn.Renew(); return true;
            default: return false;
        }
    }

    private static void Train(RunTurn turn, RunInput input)
    {
        switch (input)
        {
            case RunInput.Asked asked: turn.Offer(asked.Request); break;
            case RunInput.Answered answered: turn.Take(answered.Answer); break;
            case RunInput.GradientFetched fetched: turn.Accept(fetched.Gradient, fetched.Bytes); break;
            case RunInput.GradientMissed missed: turn.Miss(missed.Gradient, missed.Reason); break;
            case RunInput.Staffed staffed: turn.Staff(staffed.Staff); break;
            case RunInput.Lost lost: turn.Lose(lost.Worker); break;
            case RunInput.EvaluationWanted wanted: turn.Evaluate(wanted.Client, wanted.Request); break;
            case RunInput.ClientGone gone: turn.Abandon(gone.Client); break;
            case RunInput.EndWanted wanted: turn.End(wanted.Status, null); break;
            case RunInput.Ticked: turn.Tick(); break;
            default: throw new InvalidOperationException($"{input.GetType().Name} is no input of a run in training.");
        }
    }
}
