using System.Collections.Immutable;
using MetaMap.Shared.Messages;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>An evaluation by the workers. Its blocks are leased, lost and leased again by the rules of a training round.</summary>
/// <param name="Id">Its own.</param>
/// <param name="Client">Who asked for it; null for a measurement on the validation classes.</param>
/// <param name="State">What is evaluated.</param>
/// <param name="Round">Who computes which block, and the measures.</param>
/// <param name="InnerSteps">Per episode.</param>
/// <param name="LastFailure">Why the newest failed block failed.</param>
internal sealed record RunEvaluation(RoundId Id, long? Client, MetaState State, MetaRound Round, int InnerSteps, string? LastFailure)
{
    /// <summary>True when a block failed on every worker.</summary>
    public bool IsFailed => Round.Blocks.Any(block => block.IsExcluded);

    /// <summary>What it came to, once complete and not failed: summed in the order of the episodes.</summary>
    public EvaluationResult Result => EvaluationResult.Of([.. Round.Blocks.SelectMany(block => block.Measures!.Value)]);

    /// <summary>Takes the answer to a lease in; one to another round changes nothing.</summary>
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
/// <param name="LastNumber">Of the newest.</param>
internal sealed record RunEvaluations(ImmutableList<RunEvaluation> All, int LastNumber)
{
    private const int NumbersOfAnOwner = 1 << 16;

    /// <summary>True while the newest version is measured on the validation classes.</summary>
    public bool IsValidating => All.Exists(evaluation => evaluation.Client is null);

    /// <summary>None yet. Those of different owners have different numbers, so that no late measure is mistaken.</summary>
    public static RunEvaluations Of(long epoch) => new([], (int)(epoch % (int.MaxValue / NumbersOfAnOwner)) * NumbersOfAnOwner);

    /// <summary>One more.</summary>
    public RunEvaluations Add(MetaTraining training, MetaState state, ImmutableArray<EpisodeBlock> blocks, int innerSteps, long? client) => new(
        All.Add(new RunEvaluation(
            RoundId.Evaluation(LastNumber + 1), client, state, MetaRound.Open(training.RunId, state.Iteration, state.Parameters, blocks), innerSteps, null)),
        LastNumber + 1);

    /// <summary>One less.</summary>
    public RunEvaluations Remove(RunEvaluation evaluation) => this with { All = All.RemoveAll(other => other.Id == evaluation.Id) };

    /// <summary>Changes every one.</summary>
    public RunEvaluations Change(Func<RunEvaluation, RunEvaluation> change) => All.IsEmpty ? this : this with { All = [.. All.Select(change)] };

    /// <summary>A worker has left: its leases are free.</summary>
    public RunEvaluations Lose(WorkerId worker) =>
        Change(evaluation => evaluation with { Round = MetaRoundPolicy.Release(evaluation.Round, worker.Value) });

    /// <summary>Takes back leases that are past their deadline.</summary>
    public RunEvaluations Expire(LeasePolicy policy, TimeSpan now) =>
        Change(evaluation => evaluation with { Round = MetaRoundPolicy.Expire(evaluation.Round, now, policy) });

    /// <summary>Leases blocks of the first one to the workers that wait.</summary>
    public (RunEvaluations Next, LaneLedger Lanes, ImmutableArray<BlockAssignment> Assignments) Assign(LaneLedger lanes, LeasePolicy policy, TimeSpan now)
    {
        if (All.IsEmpty)
        {
            return (this, lanes, []);
        }

        (MetaRound round, LaneLedger busy, ImmutableArray<BlockAssignment> assignments) = LaneAssignment.Assign(All[0].Id, All[0].Round, lanes, now, policy);
        return (this with { All = All.SetItem(0, All[0] with { Round = round }) }, busy, assignments);
    }
}
