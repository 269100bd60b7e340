using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;

namespace MetaMap.Training.Rounds;

/// <summary>
/// The state of one meta-iteration, or of one evaluation: its blocks, who has leased them, and the results so far. Immutable; changed only
/// by <see cref="MetaRoundPolicy"/>. Times are elapsed time on the coordinator's monotonic clock.
/// </summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">The meta-iteration that this round computes, from 1; in an evaluation, the one whose version is measured.</param>
/// <param name="Parameters">The parameters that every block is computed from; gradients have their layout.</param>
/// <param name="Blocks">All blocks, by index.</param>
public sealed record MetaRound(string RunId, int Iteration, ParameterVector Parameters, ImmutableArray<BlockProgress> Blocks)
{
    /// <summary>Layout of every gradient.</summary>
    public ParameterLayout Layout => Parameters.Layout;

    /// <summary>Workers whose results were disproved, and why: they get no leases and none of their results count.</summary>
    public ImmutableSortedDictionary<string, string> ExcludedWorkers { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>True when every block is counted or excluded.</summary>
    public bool IsComplete => Blocks.All(block => block.IsSettled);

    /// <summary>A round in which nothing has been leased.</summary>
    public static MetaRound Open(string runId, int iteration, ParameterVector parameters, ImmutableArray<EpisodeBlock> blocks) =>
        new(runId, iteration, parameters, [.. blocks.Select(block => new BlockProgress(block, 0, [], [], [], null, false, null))]);
}

/// <summary>One block's progress in a round.</summary>
/// <param name="Block">The episodes.</param>
/// <param name="Attempts">How often it has been leased.</param>
/// <param name="Failures">Attempts that failed or gave a non-finite result, each once.</param>
/// <param name="Expired">Leases that passed their deadline.</param>
/// <param name="Leases">Leases that are still held.</param>
/// <param name="Result">The counted result.</param>
/// <param name="IsGivenUp">Given up: its episodes do not count in this iteration.</param>
/// <param name="ComputeTime">Time from the counted lease to its result.</param>
public sealed record BlockProgress(
    EpisodeBlock Block, int Attempts, ImmutableArray<BlockFailure> Failures, ImmutableArray<BlockLease> Expired,
    ImmutableArray<BlockLease> Leases, BlockGradient? Result, bool IsGivenUp, TimeSpan? ComputeTime)
{
    /// <summary>Index of the first episode whose loss came back as NaN or infinity (of the block's first, if only its gradient did); null when none did.</summary>
    public int? NonFiniteEpisode { get; init; }

    /// <summary>Counts only when two workers have given the same bits.</summary>
    public bool IsAudited { get; init; }

    /// <summary>For an audited block: results that nobody has confirmed so far, one per worker, all with different bits.</summary>
    public ImmutableArray<BlockVote> Votes { get; init; } = [];

    /// <summary>Who gave the counted result.</summary>
    public string? CountedFrom { get; init; }

    /// <summary>A second worker gave the bits of the counted result.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>The counted result is from a second copy, and came while the first lease was still held.</summary>
    public bool IsWonBySecondLease { get; init; }

    /// <summary>The result in an evaluation, which has no gradients: one measure per episode.</summary>
    public ImmutableArray<EvaluatedEpisode>? Measures { get; init; }

    /// <summary>Number of leases that the block needs at once: two when it is to be computed twice, otherwise one.</summary>
    public int WantedLeases => IsAudited && Votes.IsEmpty ? 2 : 1;

    /// <summary>True when the worker has given a result that waits to be confirmed.</summary>
    public bool HasVoteOf(string workerId) => Votes.Any(vote => vote.WorkerId == workerId);

    /// <summary>Counted, measured or excluded.</summary>
    public bool IsSettled => Result is not null || Measures is not null || IsGivenUp;
}

/// <summary>A failed attempt at a block.</summary>
/// <param name="Attempt">From 1.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Reason">Why, in readable words.</param>
public readonly record struct BlockFailure(int Attempt, string WorkerId, string Reason);

/// <summary>One worker's right to compute a block.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Attempt">From 1.</param>
/// <param name="LeasedAt">Elapsed time of the lease.</param>
/// <param name="IsSetAside">Its answer can never count: others may have the block at once, this worker only after the deadline.</param>
/// <param name="IsSpeculative">A copy of a block that another worker holds.</param>
public sealed record BlockLease(string WorkerId, int Attempt, TimeSpan LeasedAt, bool IsSetAside = false, bool IsSpeculative = false);

/// <summary>A result of an audited block that waits for another worker's.</summary>
/// <param name="WorkerId">Who gave it.</param>
/// <param name="Attempt">The lease that it answers.</param>
/// <param name="Sha256">SHA-256 of the gradient sum.</param>
/// <param name="Result">The result.</param>
public sealed record BlockVote(string WorkerId, int Attempt, string Sha256, BlockGradient Result);

/// <summary>A result as it arrives, not yet judged.</summary>
/// <param name="RunId">The run it was computed for.</param>
/// <param name="Iteration">The meta-iteration it was computed for.</param>
/// <param name="BlockIndex">The block.</param>
/// <param name="Attempt">The lease that it answers.</param>
/// <param name="WorkerId">Who computed it.</param>
/// <param name="ParametersSha256">SHA-256 of the parameters it was computed from.</param>
/// <param name="LayoutDigest">Layout of its gradient.</param>
/// <param name="EpisodeCount">Episodes it covers.</param>
/// <param name="GradientSha256">SHA-256 of its gradient sum, where that is known already.</param>
public sealed record BlockResultHeader(
    string RunId, int Iteration, int BlockIndex, int Attempt, string WorkerId, string ParametersSha256, string LayoutDigest, int EpisodeCount, string? GradientSha256 = null);
