using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>
/// Training, the largest part of a run's state: the latest state, the open round, the workers, and the verdicts on results.
/// Immutable and pure.
/// </summary>
/// <param name="Training">The mathematics of the run.</param>
/// <param name="State">Latest state.</param>
/// <param name="Round">The open round; when the run is finished, the complete one of the last iteration.</param>
/// <param name="Lanes">Free and busy lanes of the workers.</param>
/// <param name="Results">Block results by verdict.</param>
/// <param name="LastRefusal">Why the latest refused result was refused.</param>
/// <param name="BasePolicy">When blocks are leased again, as long as nothing is known about how long they take.</param>
internal sealed record RunProgress(
    MetaTraining Training, MetaState State, MetaRound Round, LaneLedger Lanes,
    ImmutableSortedDictionary<BlockVerdict, long> Results, string? LastRefusal, LeasePolicy BasePolicy)
{
    /// <summary>How the run shares the cluster.</summary>
    public RunPolicy Sharing { get; init; } = RunPolicy.Default;

    /// <summary>How long recent blocks took.</summary>
    public BlockTimes Times { get; init; } = BlockTimes.None;

    /// <summary>Workers that take no part.</summary>
    public RunStaff Staff { get; init; } = RunStaff.Willing;

    /// <summary>Counts of what has happened so far.</summary>
    public RunCounters Counters { get; init; } = new();

    /// <summary>The latest workers that were lost with blocks.</summary>
    public LostBlocks Lost { get; init; } = LostBlocks.None;

    /// <summary>When blocks are leased again.</summary>
    public LeasePolicy Policy => BasePolicy.For(Times) with { CountsAlone = Sharing.MinWorkers <= 1 };

    /// <summary>What training waits for, in readable words; null when it goes on.</summary>
    public string? Waiting => IsFinished ? null
        : Lanes.Workers.Count < Sharing.MinWorkers && Staff.Others >= Sharing.MinWorkers
            ? $"waiting until workers have read the data: {Lanes.Workers.Count} of {Sharing.MinWorkers} {(Sharing.MinWorkers == 1 ? "is" : "are")} ready"
        : Lanes.Workers.Count < Sharing.MinWorkers ? $"waiting for workers: {Lanes.Workers.Count} of {Sharing.MinWorkers}{(Staff.Why is { } why ? $"; {why}" : "")}"
        : BlockAudit.Undecided(Round, LiveWorkers);

    /// <summary>True when all iterations are done.</summary>
    public bool IsFinished => Training.IsFinished(State);

    /// <summary>True when the open round is complete and no step was made from it: each iteration has one.</summary>
    public bool CanStep => Round.Iteration == State.Iteration + 1 && !IsFinished && Round.IsComplete;

    /// <summary>True when the latest version must be measured on the validation classes before training goes on.</summary>
    public bool IsValidationDue => Training.IsValidationDue(State);

    /// <summary>All workers of the run.</summary>
    public IReadOnlyCollection<string> LiveWorkers => [.. Lanes.Workers.Keys.Select(worker => worker.Value)];

    /// <summary>A run that continues from a state, without workers yet.</summary>
    /// <param name="training">The mathematics of the run.</param>
    /// <param name="state">The state to continue from.</param>
    /// <param name="leases">When blocks are leased again.</param>
    /// <param name="sharing">How it shares the cluster; the default when null.</param>
    public static RunProgress From(MetaTraining training, MetaState state, LeasePolicy leases, RunPolicy? sharing = null)
    {
        RunPolicy policy = sharing ?? RunPolicy.Default;
        MetaRound round = BlockAudit.Choose(training.OpenRound(state), training.Options.Seed, policy.AuditFraction);
        return new(training, state, round, LaneLedger.Empty, ImmutableSortedDictionary<BlockVerdict, long>.Empty, null, leases) { Sharing = policy };
    }

    /// <summary>A worker offers its lanes (again); offers of excluded workers are ignored.</summary>
    public RunProgress Offer(WorkerId worker, int lanes) =>
        Round.ExcludedWorkers.ContainsKey(worker.Value) ? this : this with { Lanes = Lanes.Offer(worker, lanes) };

    /// <summary>Leases blocks to waiting workers, one each in turn, until lanes or blocks run out; none while there are too few workers.</summary>
    public (RunProgress Next, ImmutableArray<BlockAssignment> Assignments) Assign(TimeSpan now)
    {
        if (IsFinished || IsValidationDue || Lanes.Workers.Count < Sharing.MinWorkers)
        {
            return (this, []);
        }

        (MetaRound round, LaneLedger lanes, ImmutableArray<BlockAssignment> assignments) = Lanes.Assign(RoundId.Iteration(Round.Iteration), Round, now, Policy);
        long copies = assignments.Count(assignment => assignment.IsSpeculative);
        return (this with
        {
            Round = round, Lanes = lanes, Counters = Counters with { SpeculativeLeases = Counters.SpeculativeLeases + copies },
        }, assignments);
    }

    /// <summary>Judges a result before its gradient is fetched; frees its lane, and counts a refusal.</summary>
    public (RunProgress Next, Judgement Judgement) Judge(BlockAdapted result)
    {
        Judgement judgement = result.Lease.Round.Kind == RoundKind.Iteration
            ? MetaRoundPolicy.Judge(Round, Header(result))
            : new(BlockVerdict.Foreign, $"{result.Lease} from worker {result.WorkerId} has a gradient, but evaluations have none");
        int expectedBytes = Training.Layout.Length * sizeof(float);
        if (judgement.Verdict == BlockVerdict.Counted && result.Gradient.LengthBytes != expectedBytes)
        {
            judgement = new(BlockVerdict.WrongLayout,
                $"the gradient of block {result.Lease.Block} from worker {result.WorkerId} has {result.Gradient.LengthBytes} bytes, run {Training.RunId} needs {expectedBytes}");
        }

        RunProgress answered = Answered(result);
        return judgement.Verdict switch
        {
            BlockVerdict.Counted => (answered, judgement),
            BlockVerdict.WrongLayout or BlockVerdict.Foreign => (answered.SetAside(result).Count(judgement.Verdict, judgement.Reason), judgement),
            _ => (answered.Count(judgement.Verdict, judgement.Reason), judgement),
        };
    }

    /// <summary>Counts or refuses a result that <see cref="Judge"/> let through, with its gradient.</summary>
    public (RunProgress Next, Judgement Judgement) Accept(BlockAdapted result, ParameterVector gradient, TimeSpan now)
    {
        (MetaRound round, Judgement judgement) = MetaRoundPolicy.Accept(
            Round, Header(result), new BlockGradient(gradient, result.Episodes), LiveWorkers, now, Policy);
        bool isCounted = judgement.Verdict == BlockVerdict.Counted;
        return ((this with
        {
            Round = round,
            Lanes = round.ExcludedWorkers.Keys.Aggregate(Lanes, (lanes, worker) => lanes.Remove(new WorkerId(worker))),
            Times = isCounted && round.Blocks[result.Lease.Block].ComputeTime is { } time ? Times.Add(time) : Times,
        }).Count(judgement.Verdict, isCounted ? null : judgement.Reason), judgement);
    }

    /// <summary>The gradient of a result, if another worker has already given the same bits for its block.</summary>
    public ParameterVector? KnownGradient(BlockAdapted result) => !IsOfRound(result.Lease) || result.Lease.Block < 0 || result.Lease.Block >= Round.Blocks.Length
        ? null : Round.Blocks[result.Lease.Block].Votes.FirstOrDefault(vote => vote.Sha256 == result.Gradient.Sha256)?.Result.GradientSum;

    /// <summary>A worker could not compute a block.</summary>
    public RunProgress Fail(BlockFailed failed)
    {
        RunProgress answered = Answered(failed).Count(BlockVerdict.Failed, $"{failed.Lease} failed on worker {failed.WorkerId}: {failed.Reason}");
        return !IsOfRound(failed.Lease) ? answered : answered with
        {
            Round = MetaRoundPolicy.Fail(
                Round, failed.Lease.Block, new BlockFailure(failed.Lease.Attempt, failed.WorkerId.Value, failed.Reason), LiveWorkers, Policy),
        };
    }

    /// <summary>A result's gradient could not be fetched. The block is not at fault, so others may have it at once.</summary>
    public RunProgress Miss(BlockAdapted result, string reason) => SetAside(result).Count(BlockVerdict.Unavailable, reason);

    /// <summary>A worker gives a lease back: others may have the block at once, and it does not count as a failure.</summary>
    public RunProgress Return(BlockReturned returned) => Answered(returned)
        .Count(BlockVerdict.Returned, $"{returned.Lease} was returned by worker {returned.WorkerId}: {returned.Reason}").SetAside(returned);

    /// <summary>A worker has left: removes its leases and lanes.</summary>
    public RunProgress Lose(WorkerId worker) =>
        this with { Lost = Lost.Lose(worker, Lanes), Round = MetaRoundPolicy.Release(Round, worker.Value), Lanes = Lanes.Remove(worker) };

    /// <summary>Where its blocks are.</summary>
    public RunBlocks Blocks(TimeSpan now) => new(
        new RunId(Training.RunId),
        [.. Lanes.Workers.SelectMany(worker => worker.Value.Busy.Select(busy => new HeldLease(worker.Key, busy.Key, now - busy.Value))).OrderByDescending(held => held.Age)],
        Lost.With(Round).Workers);

    /// <summary>Takes back leases that are past their deadline; their lanes count as free.</summary>
    public RunProgress Expire(TimeSpan now) =>
        this with { Round = MetaRoundPolicy.Expire(Round, now, Policy), Lanes = Lanes.Expire(now, Policy.Deadline) };

    /// <summary>Steps by the complete round and opens the next, if there is one.</summary>
    /// <exception cref="DivergedException">Training cannot go on.</exception>
    public (RunProgress Next, CompletedIteration Completed) Step()
    {
        if (!CanStep)
        {
            throw new InvalidOperationException($"Iteration {Round.Iteration} of run {Training.RunId} cannot follow iteration {State.Iteration}.");
        }

        CompletedIteration completed = Training.Step(State, Round);
        TimeSpan began = Training.Elapsed;
        MetaRound next = completed.State.Iteration >= Training.Options.Iterations ? Round : BlockAudit.Choose(
            Training.OpenRound(completed.State), Training.Options.Seed, Sharing.AuditFraction) with { ExcludedWorkers = Round.ExcludedWorkers };
        return (this with
        {
            State = completed.State, Round = next, Lost = Lost.After(Round, Lanes), Counters = Counters.After(Round, completed).Took(new IterationTimes(
                Reduce: completed.Reducing.TotalSeconds, Step: completed.Stepping.TotalSeconds, Sample: (Training.Elapsed - began).TotalSeconds)),
            LastRefusal = completed.Quarantined.LastOrDefault()?.Reason ?? LastRefusal,
        }, completed);
    }

    private static BlockResultHeader Header(BlockAdapted result) => new(
        result.Lease.RunId.Value, result.Lease.Round.Number, result.Lease.Block, result.Lease.Attempt, result.WorkerId.Value, result.Parameters.Sha256, result.LayoutDigest, result.Episodes.Length, result.Gradient.Sha256);

    /// <summary>Records a measurement on the validation classes.</summary>
    public (RunProgress Next, ValidationMetrics Metrics) Validated(EvaluationResult measured)
    {
        (MetaState state, ValidationMetrics metrics) = Training.Validated(State, measured);
        return (this with { State = state }, metrics);
    }

    /// <summary>A lease was answered: frees its lane.</summary>
    public RunProgress Answered(IBlockAnswer answer) => this with { Lanes = Lanes.End(answer.WorkerId, answer.Lease) };

    private bool IsOfRound(LeaseId lease) => lease.RunId.Value == Round.RunId && lease.Round.IsIteration(Round.Iteration);

    private RunProgress SetAside(IBlockAnswer answer) => !IsOfRound(answer.Lease)
        ? this
        : this with { Round = MetaRoundPolicy.SetAside(Round, answer.Lease.Block, answer.Lease.Attempt, answer.WorkerId.Value) };

    private RunProgress Count(BlockVerdict verdict, string? refusal) => this with
    {
        Results = Results.SetItem(verdict, Results.GetValueOrDefault(verdict) + 1),
        LastRefusal = refusal ?? LastRefusal,
    };
}
