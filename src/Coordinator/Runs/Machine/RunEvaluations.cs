using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Baselines;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>What is to be evaluated.</summary>
/// <param name="Client">The client that asked for it; null for a measurement on the validation classes.</param>
/// <param name="Part">The classes to draw from.</param>
/// <param name="Episodes">Number of episodes, 1 or more.</param>
/// <param name="InnerSteps">Inner steps per episode.</param>
internal sealed record WantedEvaluation(long? Client, SplitPart Part, int Episodes, int InnerSteps);

/// <summary>
/// An evaluation by the workers, in rounds: one after the other, so that a step draws few episodes, however many are wanted. Their
/// blocks are leased, lost and leased again by the rules of a training round.
/// </summary>
/// <param name="Wanted">What is evaluated.</param>
/// <param name="State">The state that is evaluated.</param>
/// <param name="Id">Names the round.</param>
/// <param name="Round">The state of its blocks, and their measures.</param>
/// <param name="Earlier">The units and measures of earlier rounds, in the order of the episodes.</param>
/// <param name="LastFailure">Why the block that failed last did so.</param>
internal sealed record RunEvaluation(
    WantedEvaluation Wanted, MetaState State, RoundId Id, MetaRound Round, ImmutableArray<(EpisodeUnit Unit, EvaluatedEpisode Measures)> Earlier, string? LastFailure)
{
    private const int EpisodesOfARound = 4096;

    /// <summary>True when nothing is left to measure, or a block has failed on every worker.</summary>
    public bool IsOver => Round.IsComplete && (IsFailed || Measured == Wanted.Episodes);

    /// <summary>True when a block failed on every worker.</summary>
    public bool IsFailed => Round.Blocks.Any(block => block.IsGivenUp);

    /// <summary>Whether the baselines of the run's data are measured, too: for clients.</summary>
    public bool HasBaselines => Wanted.Client is not null;

    private ImmutableArray<(EpisodeUnit Unit, EvaluatedEpisode Measures)> Measures =>
        [.. Earlier, .. Round.Blocks.SelectMany(block => block.Block.Episodes.Select(EpisodeUnit.Of).Zip(block.Measures!.Value))];

    private int Measured => Earlier.Length + Round.Blocks.Sum(block => block.Block.Episodes.Length);

    /// <summary>An evaluation with its first round.</summary>
    /// <exception cref="ConfigurationException">No such split.</exception>
    /// <exception cref="DataException">The part has too few classes or examples.</exception>
    public static RunEvaluation Begin(WantedEvaluation wanted, MetaTraining training, MetaState state, RoundId id)
    {
        WantedEvaluation there = wanted with { Episodes = training.EpisodesOf(wanted.Part, wanted.Episodes) };
        return new(there, state, id, Open(there, training, state, 0), [], null);
    }

    /// <summary>The result, once the evaluation is over and has not failed; summed in the order of the episodes.</summary>
    public EvaluationResult Result(MetaTraining training) =>
        EvaluationResult.Of(
        [.. Measures.Select(one => one.Measures)], HasBaselines ? EpisodeBaselines.NamesFor(training.Options, training.Catalog) : [], EpisodeTasks.Of([.. Measures.Select(one => one.Unit)]));

    /// <summary>Goes on with the next round after a complete one.</summary>
    public RunEvaluation Next(MetaTraining training, RoundId id) =>
        this with { Id = id, Earlier = Measures, Round = Open(Wanted, training, State, Measured) };

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

    private static MetaRound Open(WantedEvaluation wanted, MetaTraining training, MetaState state, int first)
    {
        int block = training.Options.Block;
        int most = Math.Max(1, EpisodesOfARound / block) * block;
        return MetaRound.Open(
            training.RunId, state.Iteration, state.Parameters, training.EvaluationBlocks(wanted.Part, first, Math.Min(most, wanted.Episodes - first)));
    }
}

/// <summary>The evaluations of a run, one after the other: measurements on the validation classes, and those that clients ask for. Immutable and pure.</summary>
/// <param name="All">In the order of their turn.</param>
/// <param name="LastNumber">Number of the latest round.</param>
internal sealed record RunEvaluations(ImmutableList<RunEvaluation> All, int LastNumber)
{
    private const int NumbersOfAnOwner = 1 << 20;

    /// <summary>True while the latest version is being measured on the validation classes.</summary>
    public bool IsValidating => All.Exists(evaluation => evaluation.Wanted.Client is null);

    /// <summary>No evaluations yet. Different owners use different numbers, so that late measures cannot be confused.</summary>
    public static RunEvaluations Of(long epoch) => new([], (int)(epoch % (int.MaxValue / NumbersOfAnOwner)) * NumbersOfAnOwner);

    /// <summary>Adds an evaluation of a state.</summary>
    /// <exception cref="ConfigurationException">No such split.</exception>
    /// <exception cref="DataException">The part has too few classes or examples.</exception>
    public RunEvaluations Add(WantedEvaluation wanted, MetaTraining training, MetaState state) => new(
        All.Add(RunEvaluation.Begin(wanted, training, state, RoundId.Evaluation(LastNumber + 1))), LastNumber + 1);

    /// <summary>Opens the next rounds of evaluations whose round is complete and that are not over.</summary>
    public RunEvaluations GoOn(MetaTraining training) => All.Where(evaluation => evaluation.Round.IsComplete && !evaluation.IsOver).Aggregate(
        this, (evaluations, complete) => new(
            evaluations.All.Replace(complete, complete.Next(training, RoundId.Evaluation(evaluations.LastNumber + 1))), evaluations.LastNumber + 1));

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
