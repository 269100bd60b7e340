using System.Collections.Immutable;
using System.Numerics.Tensors;
using MetaMap.Core;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;

namespace MetaMap.Training.Rounds;

/// <summary>The decisions of a meta-iteration, as pure functions: who gets which block, and which results count.</summary>
public static class MetaRoundPolicy
{
    /// <summary>
    /// Leases a block to a worker: first one that nobody holds; else, near the end of the round, a second copy of the
    /// slowest block (the first result wins, which is harmless because both have the same bits). A worker that failed a
    /// block gets it again only after every other live worker has failed it (or let it expire) as often: one broken
    /// worker cannot use up a block's failures, and so cannot change what the iteration computes.
    /// </summary>
    /// <param name="round">The round.</param>
    /// <param name="workerId">The worker that asks.</param>
    /// <param name="liveWorkers">All workers of the run.</param>
    /// <param name="now">Elapsed time.</param>
    /// <param name="policy">When to lease again.</param>
    /// <returns>The changed round, and the block with its lease; null when there is nothing for this worker now.</returns>
    public static (MetaRound Round, BlockProgress? Leased) Lease(
        MetaRound round, string workerId, IReadOnlyCollection<string> liveWorkers, TimeSpan now, LeasePolicy policy)
    {
        if (round.ExcludedWorkers.ContainsKey(workerId))
        {
            return (round, null);
        }

        BlockProgress? free = round.Blocks.FirstOrDefault(block =>
            block.Leases.Count(lease => !lease.IsSetAside) < block.WantedLeases && MayHave(workerId, block, liveWorkers, policy));
        BlockProgress? chosen = free ?? SlowestWorthASecondLease(round, workerId, liveWorkers, now, policy);
        if (chosen is null)
        {
            return (round, null);
        }

        BlockProgress leased = chosen with
        {
            Attempts = chosen.Attempts + 1,
            Leases = chosen.Leases.Add(new BlockLease(workerId, chosen.Attempts + 1, now, IsSpeculative: free is null)),
        };
        return (Replace(round, leased), leased);
    }

    /// <summary>Judges a result by its header alone, before its gradient is fetched.</summary>
    public static Judgement Judge(MetaRound round, BlockResultHeader header)
    {
        string from = $"block {header.BlockIndex} of iteration {header.Iteration} from worker {header.WorkerId}";
        if (header.RunId != round.RunId)
        {
            return new(BlockVerdict.Foreign, $"{from} is for run {header.RunId}, this is run {round.RunId}");
        }

        if (header.Iteration != round.Iteration)
        {
            return new(header.Iteration < round.Iteration ? BlockVerdict.Stale : BlockVerdict.Future,
                $"{from} came while run {round.RunId} computes iteration {round.Iteration}");
        }

        if (header.BlockIndex < 0 || header.BlockIndex >= round.Blocks.Length)
        {
            return new(BlockVerdict.Foreign, $"{from} names a block that does not exist; the iteration has {round.Blocks.Length}");
        }

        BlockProgress block = round.Blocks[header.BlockIndex];
        if (header.EpisodeCount != block.Block.Episodes.Length)
        {
            return new(BlockVerdict.Foreign, $"{from} has {header.EpisodeCount} episodes, the block has {block.Block.Episodes.Length}");
        }

        if (header.LayoutDigest != round.Layout.Digest)
        {
            return new(BlockVerdict.WrongLayout,
                $"{from} has parameter layout {Digests.Abbreviate(header.LayoutDigest)}, run {round.RunId} has {Digests.Abbreviate(round.Layout.Digest)}: build both nodes from the same version");
        }

        if (header.ParametersSha256 != round.Parameters.Sha256)
        {
            return new(BlockVerdict.Stale,
                $"{from} was computed from parameters {Digests.Abbreviate(header.ParametersSha256)}, the iteration starts from {Digests.Abbreviate(round.Parameters.Sha256)}");
        }

        if (round.ExcludedWorkers.TryGetValue(header.WorkerId, out string? why))
        {
            return new(BlockVerdict.Untrusted, $"{from} does not count: {why}");
        }

        return block.IsSettled ? new(BlockVerdict.Duplicate, $"{from} came after the block was settled")
            : block.Votes.Any(vote => vote.WorkerId == header.WorkerId && vote.Attempt == header.Attempt) ? new(BlockVerdict.Duplicate, $"{from} came a second time")
            : new(BlockVerdict.Counted, $"{from} counts");
    }

    /// <summary>
    /// Counts a result, or refuses it. A non-finite result is a failure of its block. (A worker that finds its own kernels
    /// wrong reports a failure instead.)
    /// </summary>
    public static (MetaRound Round, Judgement Judgement) Accept(
        MetaRound round, BlockResultHeader header, BlockGradient result, IReadOnlyCollection<string> liveWorkers, TimeSpan now, LeasePolicy policy)
    {
        Judgement judgement = Judge(round, header);
        if (judgement.Verdict != BlockVerdict.Counted)
        {
            return (round, judgement);
        }

        if (!result.GradientSum.Layout.Equals(round.Layout) || result.Episodes.Length != header.EpisodeCount)
        {
            return (round, new(BlockVerdict.WrongLayout,
                $"the gradient of block {header.BlockIndex} from worker {header.WorkerId} does not have the layout or episodes that its header names"));
        }

        if (!TensorPrimitives.IsFiniteAll(result.GradientSum.Values)
            || result.Episodes.Any(episode => !float.IsFinite(episode.QueryLoss) || !float.IsFinite(episode.QueryAccuracyFraction)))
        {
            BlockProgress refused = round.Blocks[header.BlockIndex];
            int episode = FirstNonFinite(refused, result);
            round = Replace(round, refused with { NonFiniteEpisode = refused.NonFiniteEpisode ?? episode });
            var failure = new BlockFailure(header.Attempt, header.WorkerId, $"NaN or infinity in episode {episode}");
            return (Fail(round, header.BlockIndex, failure, liveWorkers, policy), new(BlockVerdict.NonFinite,
                $"block {header.BlockIndex} of iteration {header.Iteration} from worker {header.WorkerId} holds {failure.Reason}, though the worker's convolutions are right"));
        }

        return round.Blocks[header.BlockIndex].IsAudited
            ? BlockAudit.Vote(round, header, result, liveWorkers, now, policy)
            : (Count(round, header, result, isConfirmed: false, now), judgement);
    }

    /// <summary>Records the measures of a block; changes nothing if the block is settled or their number is wrong.</summary>
    public static MetaRound Measure(MetaRound round, int blockIndex, string workerId, ImmutableArray<EvaluatedEpisode> measures, TimeSpan now) =>
        blockIndex < 0 || blockIndex >= round.Blocks.Length || round.Blocks[blockIndex] is not { IsSettled: false } block || block.Block.Episodes.Length != measures.Length
            ? round
            : Replace(round, block with
            {
                Measures = measures, Leases = [], ComputeTime = now - block.Leases.FirstOrDefault(lease => lease.WorkerId == workerId)?.LeasedAt,
            });

    /// <summary>Makes a result the counted one of its block.</summary>
    internal static MetaRound Count(MetaRound round, BlockResultHeader header, BlockGradient result, bool isConfirmed, TimeSpan now)
    {
        BlockProgress block = round.Blocks[header.BlockIndex];
        BlockLease? lease = block.Leases.FirstOrDefault(lease => lease.WorkerId == header.WorkerId)
            ?? block.Expired.FirstOrDefault(lease => lease.WorkerId == header.WorkerId && lease.Attempt == header.Attempt);
        return Replace(round, block with
        {
            Result = result, Leases = [], Votes = [], CountedFrom = header.WorkerId, IsConfirmed = isConfirmed, ComputeTime = now - lease?.LeasedAt,
            IsWonBySecondLease = lease is { IsSpeculative: true } && block.Leases.Any(other => other.WorkerId != header.WorkerId && !other.IsSetAside),
        });
    }

    /// <summary>
    /// Records that an attempt at a block failed, each attempt once. After too many failures, and when every live worker has
    /// tried without success, the block is excluded: when it fails everywhere, the block itself is at fault.
    /// </summary>
    public static MetaRound Fail(
        MetaRound round, int blockIndex, BlockFailure failure, IReadOnlyCollection<string> liveWorkers, LeasePolicy policy)
    {
        if (blockIndex < 0 || blockIndex >= round.Blocks.Length || round.Blocks[blockIndex] is not { IsSettled: false } block
            || failure.Attempt < 1 || failure.Attempt > block.Attempts || block.Failures.Any(known => known.Attempt == failure.Attempt))
        {
            return round;
        }

        BlockProgress failed = block with
        {
            Failures = block.Failures.Add(failure),
            Leases = block.Leases.RemoveAll(lease => lease.Attempt == failure.Attempt && lease.WorkerId == failure.WorkerId),
        };
        bool isGivenUp = failed.Failures.Length >= policy.MaxFailures && !(BlockAudit.CanCountAlone(failed, policy) && liveWorkers.Any(failed.HasVoteOf))
            && liveWorkers.All(worker => worker == failure.WorkerId || Tries(failed, worker) > 0);
        return Replace(round, isGivenUp ? failed with { IsGivenUp = true, Leases = [] } : failed);
    }

    /// <summary>
    /// An attempt was answered with something that can never count, or its answer could not be fetched: others may have
    /// the block at once, the same worker when the lease is past its deadline.
    /// </summary>
    public static MetaRound SetAside(MetaRound round, int blockIndex, int attempt, string workerId)
    {
        if (blockIndex < 0 || blockIndex >= round.Blocks.Length)
        {
            return round;
        }

        BlockProgress block = round.Blocks[blockIndex];
        return Replace(round, block with
        {
            Leases = [.. block.Leases.Select(lease =>
                lease.Attempt == attempt && lease.WorkerId == workerId ? lease with { IsSetAside = true } : lease)],
        });
    }

    /// <summary>Takes back every lease of a worker that left or cannot be reached.</summary>
    public static MetaRound Release(MetaRound round, string workerId) => Change(round, block =>
        block with { Leases = block.Leases.RemoveAll(lease => lease.WorkerId == workerId) });

    /// <summary>Takes back every lease that is past its deadline.</summary>
    public static MetaRound Expire(MetaRound round, TimeSpan now, LeasePolicy policy) => Change(round, block =>
    {
        bool IsExpired(BlockLease lease) => now - lease.LeasedAt >= policy.Deadline;
        return block with
        {
            Expired = [.. block.Expired, .. block.Leases.Where(IsExpired)],
            Leases = block.Leases.RemoveAll(IsExpired),
        };
    });

    // A worker that gave a result does not get the block again, unless nobody else can confirm the first.
    private static bool MayHave(string workerId, BlockProgress block, IReadOnlyCollection<string> liveWorkers, LeasePolicy policy) =>
        !block.IsSettled && block.Leases.All(lease => lease.WorkerId != workerId) && (block.HasVoteOf(workerId)
            ? BlockAudit.CanCountAlone(block, policy) && BlockAudit.IsAlone(block, workerId, liveWorkers, policy)
            : IsTurnOf(workerId, block, liveWorkers));

    private static bool IsTurnOf(string workerId, BlockProgress block, IReadOnlyCollection<string> liveWorkers)
    {
        int failures = Failures(block, workerId);
        return failures == 0 || liveWorkers.All(other => other == workerId || Tries(block, other) >= failures);
    }

    private static int Failures(BlockProgress block, string worker) => block.Failures.Count(failure => failure.WorkerId == worker);

    private static int Tries(BlockProgress block, string worker) => block.HasVoteOf(worker) ? int.MaxValue
        : Failures(block, worker) + block.Expired.Count(expired => expired.WorkerId == worker);

    private static BlockProgress? SlowestWorthASecondLease(
        MetaRound round, string workerId, IReadOnlyCollection<string> liveWorkers, TimeSpan now, LeasePolicy policy)
    {
        TimeSpan[] times = [.. round.Blocks.Where(block => block.ComputeTime is not null).Select(block => block.ComputeTime!.Value).Order()];
        if (times.Length == 0)
        {
            return null;
        }

        TimeSpan patience = times[times.Length / 2] * LeasePolicy.SpeculationFactor;
        return round.Blocks
            .Where(block => block.Leases.Length == block.WantedLeases && now - block.Leases[0].LeasedAt > patience
                && MayHave(workerId, block, liveWorkers, policy))
            .MinBy(block => block.Leases[0].LeasedAt);
    }

    private static MetaRound Change(MetaRound round, Func<BlockProgress, BlockProgress> change) =>
        round with { Blocks = [.. round.Blocks.Select(block => block.Leases.IsEmpty ? block : change(block))] };

    internal static MetaRound Replace(MetaRound round, BlockProgress block) =>
        round with { Blocks = round.Blocks.SetItem(block.Block.Index, block) };

    private static int FirstNonFinite(BlockProgress block, BlockGradient result)
    {
        int place = result.Episodes.ToList().FindIndex(episode => !float.IsFinite(episode.QueryLoss));
        return block.Block.Episodes[Math.Max(0, place)].Index;
    }
}
