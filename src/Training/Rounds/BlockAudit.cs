using MetaMap.Core;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Rounds;

/// <summary>
/// Audits workers: an audited block counts when two workers have given the same bits. When two disagree, a third decides,
/// and the one whose bits differ is excluded: a worker of this run is a pure function, so that worker is broken, has another
/// kind of processor, or lies. Pure.
/// </summary>
public static class BlockAudit
{
    /// <summary>Marks the blocks that are audited: a function of seed, iteration and block.</summary>
    /// <param name="round">A round that has just been opened.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="fraction">Share of the blocks, 0 to 1.</param>
    public static MetaRound Choose(MetaRound round, long seed, double fraction) => fraction <= 0 ? round : round with
    {
        Blocks = [.. round.Blocks.Select(block => block with
        {
            IsAudited = DeterministicRandom.For("audit", seed, round.Iteration, block.Block.Index).NextDouble() < fraction,
        })],
    };

    /// <summary>Records the complete, finite result of an audited block.</summary>
    internal static (MetaRound Round, Judgement Judgement) Vote(
        MetaRound round, BlockResultHeader header, BlockGradient result, IReadOnlyCollection<string> liveWorkers, TimeSpan now, LeasePolicy policy)
    {
        BlockProgress block = round.Blocks[header.BlockIndex];
        var vote = new BlockVote(header.WorkerId, header.Attempt, header.GradientSha256 ?? result.GradientSum.Sha256, result);
        BlockVote[] others = [.. block.Votes.Where(other => other.WorkerId != vote.WorkerId)];
        string name = $"block {header.BlockIndex} of iteration {header.Iteration}";
        if (others.FirstOrDefault(other => HasBitsOf(other, vote)) is { } same)
        {
            round = MetaRoundPolicy.Count(round, header, result, isConfirmed: true, now);
            round = others.Where(other => other != same).Aggregate(round, (next, wrong) => Exclude(
                next, wrong.WorkerId, $"worker {wrong.WorkerId} gave other bits for {name} than workers {same.WorkerId} and {vote.WorkerId}"));
            return (round, new(BlockVerdict.Counted, $"{name} from worker {header.WorkerId} has the bits of worker {same.WorkerId} and counts"));
        }

        BlockProgress waiting = block with { Votes = [.. others, vote], Leases = block.Leases.RemoveAll(lease => lease.WorkerId == header.WorkerId) };
        return CanCountAlone(waiting, policy) && IsAlone(block, vote.WorkerId, liveWorkers, policy)
            ? (MetaRoundPolicy.Count(round, header, result, isConfirmed: false, now), new(BlockVerdict.Counted, $"{name} from worker {header.WorkerId} counts; nobody is there to audit it"))
            : (MetaRoundPolicy.Replace(round, waiting), new(BlockVerdict.Unconfirmed, others.Length == 0
                ? $"{name} from worker {header.WorkerId} waits for a second worker's result"
                : $"{name} from worker {header.WorkerId} has other bits than {Names(others)}: a further worker decides"));
    }

    /// <summary>
    /// Excludes a worker: its leases are taken back, and its votes and its unconfirmed results in this round are dropped, so
    /// that their blocks are leased again.
    /// </summary>
    /// <param name="round">The round.</param>
    /// <param name="workerId">The worker.</param>
    /// <param name="reason">A readable sentence.</param>
    public static MetaRound Exclude(MetaRound round, string workerId, string reason) => round.ExcludedWorkers.ContainsKey(workerId) ? round : round with
    {
        ExcludedWorkers = round.ExcludedWorkers.Add(workerId, reason),
        Blocks = [.. round.Blocks.Select(block =>
        {
            bool isDropped = block.CountedFrom == workerId && !block.IsConfirmed;
            return block with
            {
                Leases = block.Leases.RemoveAll(lease => lease.WorkerId == workerId),
                Votes = block.Votes.RemoveAll(vote => vote.WorkerId == workerId),
                Result = isDropped ? null : block.Result,
                CountedFrom = isDropped ? null : block.CountedFrom,
                ComputeTime = isDropped ? null : block.ComputeTime,
                IsWonBySecondLease = block.IsWonBySecondLease && !isDropped,
            };
        })],
    };

    /// <summary>Why the round cannot be completed: workers disagree on a block and nobody is left to decide. Null when it can.</summary>
    public static string? Undecided(MetaRound round, IReadOnlyCollection<string> liveWorkers) =>
        round.Blocks.FirstOrDefault(block => !block.IsSettled && block.Votes.Length > 1 && liveWorkers.All(block.HasVoteOf)) is { } block
            ? $"{Names(block.Votes)} gave different bits for block {block.Block.Index} of iteration {round.Iteration}: a further worker is needed to decide"
            : null;

    /// <summary>The workers whose results wait, e.g. <c>workers a and b</c>.</summary>
    internal static string Names(IReadOnlyCollection<BlockVote> votes) =>
        $"{(votes.Count == 1 ? "worker" : "workers")} {string.Join(" and ", votes.Select(vote => vote.WorkerId))}";

    /// <summary>True when a block has one uncontradicted result, and the run accepts that where nobody can audit it.</summary>
    internal static bool CanCountAlone(BlockProgress block, LeasePolicy policy) => policy.CountsAlone && block.Votes.Length == 1;

    /// <summary>True when no other live worker is able to compute the block: each has failed it, or has let several leases expire.</summary>
    internal static bool IsAlone(BlockProgress block, string workerId, IReadOnlyCollection<string> liveWorkers, LeasePolicy policy) => liveWorkers.All(other =>
        other == workerId || block.Failures.Any(failure => failure.WorkerId == other)
        || block.Expired.Count(expired => expired.WorkerId == other) >= policy.MaxFailures);

    private static bool HasBitsOf(BlockVote one, BlockVote other) =>
        one.Sha256 == other.Sha256 && one.Result.Episodes.AsSpan().SequenceEqual(other.Result.Episodes.AsSpan());
}
