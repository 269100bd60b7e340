using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Episodes;

/// <summary>
/// Minibatches for supervised training: each epoch takes the training examples in an order drawn by (seed, epoch), and each iteration the next
/// ones. A minibatch is cut into slices, and a slice is an episode without a support set, of all classes, so that a label is the class's place in
/// the catalog. A part is evaluated on all of its examples, once each.
/// </summary>
/// <param name="catalog">The dataset.</param>
/// <param name="split">Its examples.</param>
/// <param name="seed">The seed of the configuration.</param>
/// <param name="options">Sizes of minibatches and slices.</param>
internal sealed class MinibatchSampler(DatasetCatalog catalog, ExampleSplit split, long seed, ITrainsOnExamples options) : IEpisodeSampler
{
    // A pure function of its key; kept because an epoch has many iterations.
    private Order? _latest;

    /// <summary>The class of each label, an index into the catalog, -1 for one that is not there; null: the catalog's classes.</summary>
    public ImmutableArray<int>? Labels { get; init; }

    /// <inheritdoc />
    public int EpisodesIn(int iteration) => Slices(Place(iteration).Count, options.Slice);

    /// <inheritdoc />
    public int EpisodesOf(SplitPart part, int wanted) => Slices(split[part].Length, ITrainsOnExamples.EvaluationSlice);

    /// <inheritdoc />
    public Episode Sample(SplitPart part, int iteration, int index) => iteration == 0
        ? Slice(index, part, Permutation(part, 0), (0, split[part].Length), ITrainsOnExamples.EvaluationSlice)
        : Slice(index, part, Permutation(part, Epoch(iteration)), Place(iteration), options.Slice);

    /// <inheritdoc />
    public void Require(SplitPart part)
    {
        if (split[part].IsEmpty)
        {
            throw new DataException($"the run has no {part.ToString().ToLowerInvariant()} {catalog.Nouns.Examples}: validation ones are set aside with --validation-interval alone");
        }
    }

    private static int Slices(int examples, int slice) => (examples + slice - 1) / slice;

    private int Epoch(int iteration) => 1 + (iteration - 1) / options.IterationsOfEpoch(split.Train.Length);

    private (int First, int Count) Place(int iteration)
    {
        int first = (iteration - 1) % options.IterationsOfEpoch(split.Train.Length) * options.BatchSize;
        return (first, Math.Min(options.BatchSize, split.Train.Length - first));
    }

    private int[] Permutation(SplitPart part, int epoch)
    {
        Order? known = _latest;
        if (known?.Part != part || known.Epoch != epoch)
        {
            int count = split[part].Length;
            known = new Order(part, epoch, DeterministicRandom.For("minibatches", seed, (long)part, epoch).Sample(count, count));
            _latest = known;
        }

        return known.Places;
    }

    private Episode Slice(int index, SplitPart part, int[] order, (int First, int Count) within, int size)
    {
        int first = index * size;
        ImmutableArray<ExampleIndex> examples = split[part];
        ILookup<int, int> drawn = new ArraySegment<int>(order, within.First + first, Math.Min(size, within.Count - first))
            .Order().Select(place => examples[place]).ToLookup(one => one.Class, one => one.Example);
        return new Episode(index, catalog.IsRegression
            ? [.. drawn.Select(own => new EpisodeClass(own.Key, 0, [], [.. own]))]
            : [.. (Labels ?? Enumerable.Range(0, catalog.Classes.Length)).Select(c => new EpisodeClass(Math.Max(c, 0), 0, [], [.. drawn[c]]))]);
    }

    private sealed record Order(SplitPart Part, int Epoch, int[] Places);
}
