using System.Collections.Immutable;
using MetaMap.Shared.Messages;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>An evaluation by the workers. Its blocks are leased, lost and leased again by the rules of a training round.</summary>
/// <param name="Id">The round of this evaluation.</param>
/// <param name="Client">The client that asked for it; null for a measurement on the validation classes.</param>
/// <param name="State">The state that is evaluated.</param>
/// <param name="Round">The state of its blocks, and their measures.</param>
/// <param name="InnerSteps">Inner steps per episode.</param>
/// <param name="LastFailure">Why the block that failed last did so.</param>
internal sealed record RunEvaluation(RoundId Id, long? Client, MetaState State, MetaRound Round, int InnerSteps, string? LastFailure)
{
    /// <summary>True when a block failed on every worker.</summary>
    public bool IsFailed => Round.Blocks.Any(block => block.IsGivenUp);

    /// <summary>The result, once the evaluation is complete and has not failed; summed in the order of the episodes.</summary>
    public EvaluationResult Result => EvaluationResult.Of([.. Round.Blocks.SelectMany(block => block.Measures!.Value)]);

    /// <summary>Handles the answer to a lease; an answer for another round changes nothing.</summary>
    public RunEvaluation After(IBlockAnswer answer, IReadOnlyCollection<string> liveWorkers, LeasePolicy policy, TimeSpan now) =>
        answer.Lease.Round != Id ? this : answer switch
        {
            BlockEvaluated evaluated => this with
            {
                Round = MetaRoundPolicy.Measure(Round, evaluated.Lease.Block, evaluated.WorkerId.Value, evaluated.Episodes, now),
            },
            BlockFailed failed => this with
            {
                Round = MetaRoundPolicy.Fail(
                    Round, failed.Lease.Block, new BlockFailure(failed.Lease.Attempt, failed.WorkerId.Value, failed.Reason), liveWorkers, policy),
                LastFailure = $"evaluation block {failed.Lease.Block} failed on worker {failed.WorkerId}: {failed.Reason}",
            },
            _ => this with { Round = MetaRoundPolicy.SetAside(Round, answer.Lease.Block, answer.Lease.Attempt, answer.WorkerId.Value) },
        };
}

/// <summary>The evaluations of a run, one after the other: measurements on the validation classes, and those that clients ask for. Immutable and pure.</summary>
/// <param name="All">In the order of their turn.</param>
/// <param name="LastNumber">Number of the latest.</param>
internal sealed record RunEvaluations(ImmutableList<RunEvaluation> All, int LastNumber)
{
    private const int NumbersOfAnOwner = 1 << 16;

    /// <summary>True while the latest version is being measured on the validation classes.</summary>
    public bool IsValidating => All.Exists(evaluation => evaluation.Client is null);

    /// <summary>No evaluations yet. Different owners use different numbers, so that late measures cannot be confused.</summary>
    public static RunEvaluations Of(long epoch) => new([], (int)(epoch % (int.MaxValue / NumbersOfAnOwner)) * NumbersOfAnOwner);

    /// <summary>Adds an evaluation.</summary>
    public RunEvaluations Add(MetaTraining training, MetaState state, ImmutableArray<EpisodeBlock> blocks, int innerSteps, long? client) => new(
        All.Add(new RunEvaluation(
            RoundId.Evaluation(LastNumber + 1), client, state, MetaRound.Open(training.RunId, state.Iteration, state.Parameters, blocks), innerSteps, null)),
        LastNumber + 1);

    /// <summary>Removes an evaluation.</summary>
    public RunEvaluations Remove(RunEvaluation evaluation) => this with { All = All.RemoveAll(other => other.Id == evaluation.Id) };

    /// <summary>Changes every evaluation.</summary>
    public RunEvaluations Change(Func<RunEvaluation, RunEvaluation> change) => All.IsEmpty ? this : this with { All = [.. All.Select(change)] };

    /// <summary>A worker has left: frees its leases.</summary>
    public RunEvaluations Lose(WorkerId worker) =>
        Change(evaluation => evaluation with { Round = MetaRoundPolicy.Release(evaluation.Round, worker.Value) });

    /// <summary>Takes back leases that are past their deadline.</summary>
    public RunEvaluations Expire(LeasePolicy policy, TimeSpan now) =>
        Change(evaluation => evaluation with { Round = MetaRoundPolicy.Expire(evaluation.Round, now, policy) });

    /// <summary>Leases blocks of the first evaluation to waiting workers.</summary>
    public (RunEvaluations Next, LaneLedger Lanes, ImmutableArray<BlockAssignment> Assignments) Assign(LaneLedger lanes, LeasePolicy policy, TimeSpan now)
    {
        if (All.IsEmpty)
        {
            return (this, lanes, []);
        }

        (MetaRound round, LaneLedger busy, ImmutableArray<BlockAssignment> assignments) = lanes.Assign(All[0].Id, All[0].Round, now, policy);
        return (this with { All = All.SetItem(0, All[0] with { Round = round }) }, busy, assignments);
    }
}
