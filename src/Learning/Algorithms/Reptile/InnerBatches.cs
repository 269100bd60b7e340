using MetaMap.Core;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// Which examples each inner step sees: shuffled passes over all of them, one after the other, cut into minibatches that may
/// reach from one pass into the next (as in the authors' code). A pure function of the episode and the step.
/// </summary>
/// <param name="examples">How many there are, 1 or more.</param>
/// <param name="batchSize">Examples per step; no more than there are.</param>
/// <param name="episode">The episode that seeds the shuffling; null for one fixed seed.</param>
internal sealed class InnerBatches(int examples, int batchSize, Episode? episode)
{
    private readonly int _batchSize = Math.Min(batchSize, examples);
    private readonly long[] _identity = Identity(episode);

    /// <summary>The examples of an inner step, in order.</summary>
    /// <param name="innerStep">From 0.</param>
    public long[] At(int innerStep)
    {
        long[] batch = new long[_batchSize];
        long first = (long)innerStep * _batchSize;
        long pass = -1;
        int[] order = [];
        for (int i = 0; i < batch.Length; i++)
        {
            if ((first + i) / examples != pass)
            {
                pass = (first + i) / examples;
                order = DeterministicRandom.For("inner-batch", [.. _identity, pass]).Sample(examples, examples);
            }

            batch[i] = order[(first + i) % examples];
        }

        return batch;
    }

    private static long[] Identity(Episode? episode) => episode is null
        ? []
        :
        [
            episode.Index,
            .. episode.Classes.SelectMany(c => new[] { c.ClassIndex, c.QuarterTurns }.Concat(c.SupportExamples).Concat(c.QueryExamples))
                .Select(number => (long)number),
        ];
}
