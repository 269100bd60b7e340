using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Episodes;

/// <summary>
/// Says which examples a run computes with, and when: class and example indices, no content. Each episode is a pure function of (seed, part, iteration, index), so any node
/// draws the same one at any time. Immutable and safe for many threads.
/// </summary>
public interface IEpisodeSampler
{
    /// <summary>One episode.</summary>
    /// <param name="part">Where it is from.</param>
    /// <param name="iteration">The meta-iteration, from 1; 0 where there is none, as in an evaluation.</param>
    /// <param name="index">The episode's position in its iteration or evaluation, from 0.</param>
    Episode Sample(SplitPart part, int iteration, int index);

    /// <summary>Training episodes of an iteration.</summary>
    /// <param name="iteration">From 1.</param>
    int EpisodesIn(int iteration);

    /// <summary>Episodes of an evaluation of a part: as many as are wanted, where any number can be drawn, or all that there are.</summary>
    /// <param name="part">The part.</param>
    /// <param name="wanted">1 or more.</param>
    int EpisodesOf(SplitPart part, int wanted);

    /// <summary>Refuses a part that has too little for an evaluation.</summary>
    /// <exception cref="DataException">It has.</exception>
    void Require(SplitPart part);
}

/// <summary>Finds the sampler of a run.</summary>
public static class EpisodeSamplers
{
    /// <summary>The sampler of a run: of minibatches where it is supervised, otherwise of few-shot episodes.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="catalog">The dataset that they name.</param>
    /// <exception cref="ConfigurationException">No such split.</exception>
    /// <exception cref="DataException">Too few classes or examples.</exception>
    public static IEpisodeSampler SamplerFor(this RunOptions options, DatasetCatalog catalog) =>
        options.Supervised is { } supervised ? new MinibatchSampler(catalog, options.SplitExamples(catalog), options.Seed, supervised) : EpisodeSampler.For(options, catalog);

    /// <summary>The training episodes of one iteration, cut into blocks of consecutive episodes.</summary>
    /// <param name="sampler">Draws them.</param>
    /// <param name="iteration">From 1.</param>
    /// <param name="blockSize">Episodes in a block, 1 or more; the last block may hold fewer.</param>
    public static ImmutableArray<EpisodeBlock> Blocks(this IEpisodeSampler sampler, int iteration, int blockSize) =>
        sampler.Blocks(SplitPart.Train, iteration, 0, sampler.EpisodesIn(iteration), blockSize);

    /// <summary>Some consecutive episodes, cut into blocks that are numbered from 0.</summary>
    /// <param name="sampler">Draws them.</param>
    /// <param name="part">Where they are from.</param>
    /// <param name="iteration">The meta-iteration; 0 in an evaluation.</param>
    /// <param name="first">Position of the first one.</param>
    /// <param name="count">How many, 1 or more.</param>
    /// <param name="blockSize">Episodes in a block, 1 or more; the last block may hold fewer.</param>
    public static ImmutableArray<EpisodeBlock> Blocks(this IEpisodeSampler sampler, SplitPart part, int iteration, int first, int count, int blockSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        return
        [
            .. Enumerable.Range(first, count).Chunk(blockSize).Select((indices, block) =>
                new EpisodeBlock(block, [.. indices.Select(index => sampler.Sample(part, iteration, index))])),
        ];
    }
}
