using System.Collections.Immutable;

namespace MetaMap.Training.Rounds;

/// <summary>A block that does not count in its iteration, which is committed without it.</summary>
/// <param name="Iteration">The meta-iteration.</param>
/// <param name="BlockIndex">The block.</param>
/// <param name="EpisodeIndex">The episode to look at first: the first one that is not finite, or the one with the largest loss.</param>
/// <param name="Reason">A readable sentence.</param>
public sealed record QuarantinedBlock(int Iteration, int BlockIndex, int EpisodeIndex, string Reason);

/// <summary>Decides which blocks of a complete round do not count, from all of them in block order: arrival order changes nothing. Pure.</summary>
internal static class Quarantine
{
    /// <summary>The blocks that were given up: not finite in any attempt, or failed on every worker.</summary>
    public static ImmutableArray<QuarantinedBlock> GivenUp(MetaRound round) =>
    [
        .. round.Blocks.Where(block => block.IsGivenUp).Select(block => new QuarantinedBlock(
            round.Iteration, block.Block.Index, block.NonFiniteEpisode ?? block.Block.Episodes[0].Index,
            $"block {block.Block.Index} of iteration {round.Iteration} {WhyGivenUp(block)}")),
    ];

    /// <summary>
    /// The counted blocks whose mean gradient is longer than <paramref name="factor"/> times the median length. None when the
    /// median is zero, because then there is no scale.
    /// </summary>
    /// <param name="round">The round.</param>
    /// <param name="norms">Norm of each counted block's mean gradient, by block index.</param>
    /// <param name="factor">Above 1.</param>
    public static ImmutableArray<QuarantinedBlock> Outliers(MetaRound round, IReadOnlyDictionary<int, double> norms, double factor)
    {
        double median = Median(norms.Values);
        return median == 0 ? [] :
        [
            .. round.Blocks.Where(block => norms.TryGetValue(block.Block.Index, out double norm) && norm > factor * median)
                .Select(block => new QuarantinedBlock(
                    round.Iteration, block.Block.Index, LargestLoss(block), string.Create(System.Globalization.CultureInfo.InvariantCulture,
                        $"block {block.Block.Index} of iteration {round.Iteration} has a gradient of length {norms[block.Block.Index]:G4}, more than {factor} times the median {median:G4}"))),
        ];
    }

    private static string WhyGivenUp(BlockProgress block) =>
        !block.Votes.IsEmpty ? $"could not be verified: {BlockAudit.Names(block.Votes)} gave {(block.Votes.Length == 1 ? "a result" : "different bits")}, and nobody else could compute it"
        : block.NonFiniteEpisode is { } episode ? $"was not finite in any attempt, the first time in episode {episode}{LastFailure(block)}"
        : $"failed on every worker{LastFailure(block)}";

    private static string LastFailure(BlockProgress block) =>
        block.Failures.IsEmpty ? "" : $"; the last, on worker {block.Failures[^1].WorkerId}: {block.Failures[^1].Reason}";

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static int LargestLoss(BlockProgress block) =>
        block.Block.Episodes.Zip(block.Result!.Episodes).MaxBy(pair => pair.Second.QueryLoss).First.Index;
}
