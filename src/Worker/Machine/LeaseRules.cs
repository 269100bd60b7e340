using System.Collections.Immutable;
using Akka.Event;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>What a worker does with a lease until it is answered, and with its result until that is judged.</summary>
internal static class LeaseRules
{
    public static void Hold(this WorkerTurn turn, BlockLeased lease)
    {
        (RunId runId, RoundId round, _, _) = lease.Lease;
        if (round.Kind == RoundKind.Iteration)
        {
            Put(turn, turn.Shelf.Reach(runId, round.Number));
        }

        if (turn.Desk.Find(lease.Lease) is { } held)
        {
            HoldAgain(turn, held, lease);
        }
        else if (turn.Departure != Departure.None)
        {
            turn.Do(new WorkerEffect.TellRun(new BlockReturned(lease.Lease, turn.Profile.Id, "the worker leaves")));
        }
        else if (turn.Runs.Find(runId) is { IsOpen: true } run)
        {
            ParameterVector? parameters = turn.Versions.Find(lease.Parameters);
            turn.Desk = turn.Desk.Add(new HeldLease(lease, run, parameters));
            if (parameters is null)
            {
                turn.Do(new WorkerEffect.Fetch(lease.Parameters, lease.ParametersHolder));
            }
        }
        else if (turn.Runs.Find(runId) is { Declined: not null })
        {
            turn.Do(new WorkerEffect.TellRun(new BlockReturned(lease.Lease, turn.Profile.Id, "the worker cannot compute the run")));
        }
        else
        {
            turn.Log(LogLevel.DebugLevel, "block {Block} of run {RunId}, which is closed here, is dropped", lease.Lease.Block, runId);
        }
    }

    public static void Supply(this WorkerTurn turn, WorkerInput.ParametersHere here)
    {
        foreach (HeldLease held in turn.Desk.Held.Where(held => IsWaitingFor(held, here.Version)))
        {
            int neededBytes = held.Run.Layout!.Length * sizeof(float);
            if (here.Bytes.Length != neededBytes)
            {
                turn.Desk = turn.Desk.Drop(other => other.Id == held.Id).Next;
                turn.Do(new WorkerEffect.TellRun(new BlockFailed(held.Id, turn.Profile.Id, $"the parameters have {here.Bytes.Length} bytes, the layout needs {neededBytes}")));
                continue;
            }

            ParameterVector parameters = turn.Versions.Find(here.Version) ?? ParameterVector.FromBytes(held.Run.Layout, here.Bytes.Span);
            turn.Versions = turn.Versions.Add(here.Version, parameters);
            turn.Desk = turn.Desk.Supply(held, parameters);
        }
    }

    /// <summary>Parameters could not be fetched, which is not the fault of the blocks that need them.</summary>
    public static void Miss(this WorkerTurn turn, WorkerInput.ParametersMissed missed) =>
        turn.Return(held => IsWaitingFor(held, missed.Version), $"the parameters could not be fetched: {missed.Reason}");

    public static void Answer(this WorkerTurn turn, WorkerInput.LaneEnded ended)
    {
        turn.State = turn.State with { Clock = turn.State.Clock.Loaded(ended.Outcome.Loading) };
        (turn.Desk, LaneWork? work) = turn.Desk.End(ended.Lane, ended.Lease, turn.Now);
        if (work is { IsWanted: true })
        {
            if (ended.Outcome is BlockOutcome.Unfit unfit)
            {
                turn.Do(new WorkerEffect.TellRun(new BlockReturned(ended.Lease, turn.Profile.Id, unfit.Reason)));
                turn.Withdraw(ended.Lease.RunId, unfit);
                return;
            }

            IBlockAnswer answer = AnswerOf(work.Lease, ended.Outcome, turn.Profile);
            turn.Shelf = answer is BlockAdapted result ? turn.Shelf.Add(result) : turn.Shelf;
            turn.Do(new WorkerEffect.TellRun(answer));
        }
        else if (ended.Outcome is BlockOutcome.Adapted late)
        {
            turn.Do(new WorkerEffect.Release(late.Gradient));
        }
    }

    /// <summary>Starts waiting blocks on free lanes: a lane is never idle while a block waits.</summary>
    public static void UseFreeLanes(this WorkerTurn turn)
    {
        while (turn.Desk.Begin(turn.Now) is (var desk, { Lease: { } begun }))
        {
            turn.Desk = desk;
            turn.Do(new WorkerEffect.Compute(begun.Lane!.Value, begun.Run.Number, begun.Lease, begun.Parameters!));
        }
    }

    public static void Judge(this WorkerTurn turn, BlockJudged judged)
    {
        Put(turn, turn.Shelf.Judge(judged));
        turn.Log(LogLevel.DebugLevel, "block {Block} of iteration {Iteration} of run {RunId}: {Verdict}", judged.Lease.Block, judged.Lease.Round.Number, judged.Lease.RunId, judged.Verdict);
    }

    /// <summary>The run is over: nobody waits for answers.</summary>
    public static void DropLeasesOf(this WorkerTurn turn, RunId runId)
    {
        Put(turn, turn.Shelf.Close(runId));
        turn.Desk = turn.Desk.Close(runId);
    }

    /// <summary>Gives leases back.</summary>
    public static void Return(this WorkerTurn turn, Predicate<HeldLease> isMeant, string reason)
    {
        (turn.Desk, ImmutableArray<HeldLease> returned) = turn.Desk.Drop(isMeant);
        foreach (HeldLease held in returned)
        {
            turn.Do(new WorkerEffect.TellRun(new BlockReturned(held.Id, turn.Profile.Id, reason)));
        }
    }

    private static bool IsWaitingFor(HeldLease held, BlobId version) => held.Parameters is null && held.Lease.Parameters == version;

    /// <summary>
    /// The lease is already held: it was duplicated on the way, or another coordinator has taken over the run and repeats it. With
    /// other parameters, it belongs to another run of the same name.
    /// </summary>
    private static void HoldAgain(WorkerTurn turn, HeldLease held, BlockLeased lease)
    {
        if (held.Lease.Parameters != lease.Parameters)
        {
            turn.Desk = turn.Desk.Drop(other => other.Id == held.Id).Next;
            Hold(turn, lease);
        }
        else if (held.Parameters is null)
        {
            turn.Do(new WorkerEffect.Fetch(lease.Parameters, lease.ParametersHolder));
        }
    }

    private static IBlockAnswer AnswerOf(HeldLease held, BlockOutcome outcome, WorkerProfile profile) => outcome switch
    {
        BlockOutcome.Adapted adapted => new BlockAdapted(
            held.Id, profile.Id, held.Lease.Parameters, held.Run.Layout!.Digest, adapted.Episodes, adapted.Gradient, profile.BlobHolder),
        BlockOutcome.Measured measured => new BlockEvaluated(held.Id, profile.Id, measured.Episodes),
        BlockOutcome.Failed failed => new BlockFailed(held.Id, profile.Id, failed.Reason),
        _ => new BlockReturned(held.Id, profile.Id, "the run was closed here"),
    };

    private static void Put(WorkerTurn turn, (GradientShelf Shelf, ImmutableArray<BlobId> Released) change)
    {
        turn.Shelf = change.Shelf;
        foreach (BlobId gradient in change.Released)
        {
            turn.Do(new WorkerEffect.Release(gradient));
        }
    }
}
