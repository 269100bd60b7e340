using System.Collections.Immutable;
using Akka.Event;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>How a run handles workers that come and go, and their answers.</summary>
internal static class AnswerRules
{
    public static void Offer(this RunTurn turn, RequestBlocks request)
    {
        if (!turn.State.Joined.Contains(request.WorkerId))
        {
            turn.State = turn.State with { Joined = turn.State.Joined.Add(request.WorkerId) };
            turn.Note(JournalEntry.Of(JournalEvent.Joined, turn.Progress.State.Iteration) with
            {
                Worker = request.WorkerId.Value, Reason = $"convolutions: {request.Kernels}",
            });
        }

        turn.Advance(turn.Progress.Offer(request.WorkerId, request.Lanes));
    }

    public static void Lose(this RunTurn turn, WorkerId worker)
    {
        turn.State = turn.State with { Joined = turn.State.Joined.Remove(worker) };
        turn.Evaluations = turn.Evaluations.Lose(worker);
        turn.Advance(turn.Progress.Lose(worker));
    }

    public static void Take(this RunTurn turn, IBlockAnswer answer)
    {
        if (answer is BlockAdapted result)
        {
            turn.Judge(result);
            return;
        }

        turn.Evaluations = turn.Evaluations.Change(evaluation => evaluation.After(answer, turn.Progress.LiveWorkers, turn.Progress.Policy, turn.Now));
        bool isTraining = answer.Lease.Round.Kind == RoundKind.Iteration;
        switch (answer)
        {
            case BlockFailed failed when isTraining:
                turn.Note(JournalEntry.Refused(failed, BlockVerdict.Failed, failed.Reason));
                turn.Log(LogLevel.WarningLevel, "run {RunId}, iteration {Iteration}, block {Block} failed on worker {WorkerId}: {Reason}",
                    turn.RunId, failed.Lease.Round.Number, failed.Lease.Block, failed.WorkerId, failed.Reason);
                turn.Advance(turn.Progress.Fail(failed));
                break;
            case BlockReturned returned:
                if (isTraining)
                {
                    turn.Note(JournalEntry.Refused(returned, BlockVerdict.Returned, returned.Reason));
                }

                turn.Advance(turn.Progress.Return(returned));
                break;
            default:
                turn.Advance(turn.Progress.Answered(answer));
                break;
        }
    }

    /// <summary>A gradient has arrived: judges every result that waited for it again, in the order of arrival.</summary>
    public static void Accept(this RunTurn turn, BlobId gradient, ReadOnlyMemory<byte> bytes)
    {
        if (!turn.TryTake(gradient, out ImmutableList<BlockAdapted> results))
        {
            return;
        }

        ParameterVector values = ParameterVector.FromBytes(turn.State.Setup.Training.Layout, bytes.Span);
        RunProgress next = turn.Progress;
        foreach (BlockAdapted result in results)
        {
            (next, Judgement judgement) = next.Accept(result, values, turn.Now);
            turn.Tell(result, judgement);
        }

        turn.Advance(!next.CanStep ? next : next with
        {
            Counters = next.Counters.Took(new IterationTimes(Gradient: (turn.Now - turn.State.AnsweredAt).TotalSeconds)),
        });
    }

    /// <summary>A gradient could not be fetched from any worker that has it.</summary>
    public static void Miss(this RunTurn turn, BlobId gradient, string reason)
    {
        if (!turn.TryTake(gradient, out ImmutableList<BlockAdapted> results))
        {
            return;
        }

        RunProgress next = turn.Progress;
        foreach (BlockAdapted result in results)
        {
            turn.Tell(result, new Judgement(BlockVerdict.Unavailable, reason));
            next = next.Miss(result, $"the gradient of block {result.Lease.Block} from worker {result.WorkerId}: {reason}");
        }

        turn.Advance(next);
    }

    /// <summary>Refuses a result, counts it, or lets it wait for its gradient. Equal gradients, from two workers, are fetched once.</summary>
    private static void Judge(this RunTurn turn, BlockAdapted result)
    {
        (RunProgress next, Judgement judgement) = turn.Progress.Judge(result);
        if (judgement.Verdict != BlockVerdict.Counted)
        {
            turn.Tell(result, judgement);
        }
        else if (next.KnownGradient(result) is { } known)
        {
            (next, judgement) = next.Accept(result, known, turn.Now);
            turn.Tell(result, judgement);
        }
        else
        {
            ImmutableList<BlockAdapted> others = turn.State.Unfetched.GetValueOrDefault(result.Gradient, []);
            turn.State = turn.State with { Unfetched = turn.State.Unfetched.SetItem(result.Gradient, others.Add(result)), AnsweredAt = turn.Now };
            turn.Do(new RunEffect.FetchGradient(result.Gradient, result.GradientHolder));
        }

        turn.Advance(next);
    }

    private static bool TryTake(this RunTurn turn, BlobId gradient, out ImmutableList<BlockAdapted> results)
    {
        results = turn.State.Unfetched.GetValueOrDefault(gradient, []);
        if (results.IsEmpty)
        {
            return false;
        }

        turn.State = turn.State with { Unfetched = turn.State.Unfetched.Remove(gradient) };
        return true;
    }

    private static void Tell(this RunTurn turn, BlockAdapted result, Judgement judgement)
    {
        turn.Note(JournalEntry.Judged(result, judgement));
        if (judgement.Verdict == BlockVerdict.Counted)
        {
            turn.Do(new RunEffect.ToWorkforce(new BlockCounted(result.WorkerId, result.Episodes.Length)));
        }

        turn.Do(new RunEffect.ToWorker(result.WorkerId, new BlockJudged(result.Lease, result.Gradient, judgement.Verdict)));
    }
}
