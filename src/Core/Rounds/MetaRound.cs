using System.Collections.Immutable;
using MetaMap.Core.Episodes;
using MetaMap.Core.Parameters;
using MetaMap.Core.Training;

namespace MetaMap.Core.Rounds;

/// <summary>
/// The state of one meta-iteration: its blocks, who has leased them, and the results so far. Immutable; changed only
/// by <see cref="MetaRoundPolicy"/>. Times are elapsed time on the coordinator's monotonic clock.
/// </summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">The meta-iteration that this round computes, from 1.</param>
/// <param name="Layout">Layout of every gradient.</param>
/// <param name="Blocks">All blocks, by index.</param>
public sealed record MetaRound(string RunId, int Iteration, ParameterLayout Layout, ImmutableArray<BlockProgress> Blocks)
{
    /// <summary>True when every block is counted or excluded.</summary>
    public bool IsComplete => Blocks.All(block => block.IsSettled);

    /// <summary>A round in which nothing has been leased.</summary>
    public static MetaRound Open(string runId, int iteration, ParameterLayout layout, ImmutableArray<EpisodeBlock> blocks) =>
        new(runId, iteration, layout, [.. blocks.Select(block => new BlockProgress(block, 0, [], [], [], null, false, null))]);
}

/// <summary>One block's progress in a round.</summary>
/// <param name="Block">The episodes.</param>
/// <param name="Attempts">How often it has been leased.</param>
/// <param name="Failures">Attempts that came back non-finite or failed, each once.</param>
/// <param name="ExpiredBy">Workers that let a lease pass its deadline, once for each lease.</param>
/// <param name="Leases">Leases that are still held.</param>
/// <param name="Result">The counted result.</param>
/// <param name="IsExcluded">Given up: its episodes do not count in this iteration.</param>
/// <param name="ComputeTime">From the counted lease to its result.</param>
public sealed record BlockProgress(
    EpisodeBlock Block, int Attempts, ImmutableArray<BlockFailure> Failures, ImmutableArray<string> ExpiredBy,
    ImmutableArray<BlockLease> Leases, BlockGradient? Result, bool IsExcluded, TimeSpan? ComputeTime)
{
    /// <summary>Index of the first episode whose loss came back as NaN or infinity (of the block's first, if only its gradient did); null when none did.</summary>
    public int? NonFiniteEpisode { get; init; }

    /// <summary>Counted or excluded.</summary>
    public bool IsSettled => Result is not null || IsExcluded;
}

/// <summary>An attempt at a block that failed.</summary>
/// <param name="Attempt">From 1.</param>
/// <param name="WorkerId">Whose.</param>
public readonly record struct BlockFailure(int Attempt, string WorkerId);

/// <summary>One worker's right to compute a block.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Attempt">From 1.</param>
/// <param name="LeasedAt">Elapsed time of the lease.</param>
/// <param name="IsSetAside">Answered with something that can never count: others may have the block, this worker not before its deadline.</param>
public sealed record BlockLease(string WorkerId, int Attempt, TimeSpan LeasedAt, bool IsSetAside = false);

/// <summary>A result as it arrives, not yet judged.</summary>
/// <param name="RunId">The run it was computed for.</param>
/// <param name="Iteration">The meta-iteration it was computed for.</param>
/// <param name="BlockIndex">The block.</param>
/// <param name="Attempt">The lease that it answers.</param>
/// <param name="WorkerId">Who computed it.</param>
/// <param name="LayoutDigest">Layout of its gradient.</param>
/// <param name="EpisodeCount">Episodes it covers.</param>
public sealed record BlockResultHeader(
    string RunId, int Iteration, int BlockIndex, int Attempt, string WorkerId, string LayoutDigest, int EpisodeCount);
