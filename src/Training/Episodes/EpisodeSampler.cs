using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Episodes;

/// <summary>
/// Draws episodes: class and example indices, no pixels. Each episode is a pure function of
/// (seed, part, iteration, index), so any node draws the same one at any time. Immutable and safe for many threads.
/// </summary>
public sealed class EpisodeSampler : IEpisodeSampler
{
    private readonly DatasetCatalog _catalog;
    private readonly ClassSplit _split;
    private readonly ImmutableArray<ImmutableArray<ImmutableArray<int>>> _pools;
    private readonly EpisodeShape _shape;
    private readonly int _trainingWays;
    private readonly long _seed;
    private readonly bool _rotateClasses;

    /// <summary>Creates a sampler.</summary>
    /// <param name="catalog">The dataset's classes.</param>
    /// <param name="split">Which of them are for training, validation and test.</param>
    /// <param name="shape">Ways, shots and queries.</param>
    /// <param name="seed">The seed of the configuration.</param>
    /// <param name="rotateClasses">
    /// Whether each class of an episode is rotated by 0 to 3 quarter turns, all its images alike: augmentation by new
    /// classes (Santoro et al. 2016), in every part, as in Finn et al. 2017.
    /// </param>
    /// <param name="drawn">The parts that episodes are drawn from at all; of others there may be too few classes. Null: all.</param>
    /// <param name="trainingWays">Classes of a training episode, where there are as many; null for those of the shape.</param>
    /// <exception cref="DataException">A part has too few classes for the ways that have examples enough.</exception>
    public EpisodeSampler(
        DatasetCatalog catalog, ClassSplit split, EpisodeShape shape, long seed, bool rotateClasses, IEnumerable<SplitPart>? drawn = null, int? trainingWays = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Ways, catalog.IsRegression ? 1 : 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Shots, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Queries, 1);
        foreach (SplitPart part in drawn ?? Enum.GetValues<SplitPart>())
        {
            EpisodePools.RequireEnough(catalog, split, shape, part);
        }

        (_catalog, _split, _shape, _trainingWays, _seed, _rotateClasses) = (catalog, split, shape, trainingWays ?? shape.Ways, seed, rotateClasses);
        _pools = [.. Enum.GetValues<SplitPart>().Select(part => EpisodePools.Of(catalog, split[part], shape))];
    }

    /// <summary>Episodes of a meta-batch, 1 or more.</summary>
    public int MetaBatch { get; init; } = 1;

    /// <summary>The sampler of a run: splits as its options say, and rotates classes where the dataset does (Omniglot).</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="catalog">The dataset that they name.</param>
    /// <exception cref="ConfigurationException">No such split.</exception>
    /// <exception cref="DataException">Too few classes or examples.</exception>
    public static EpisodeSampler For(RunOptions options, DatasetCatalog catalog) => new(
        catalog,
        ClassSplitter.Split(catalog, options.Split, options.Seed),
        options.EpisodeShape,
        options.Seed,
        catalog.RotatesClasses,
        options.ValidationInterval > 0 ? null : [SplitPart.Train, SplitPart.Test],
        options.TrainingEpisodeShape.Ways) { MetaBatch = options.MetaBatch };

    /// <summary>A sampler for an evaluation on other data than a model was trained on: the test classes are those named here, and there are no others.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="catalog">The other data.</param>
    /// <param name="classes">Its classes to draw from.</param>
    /// <exception cref="DataException">Too few classes or examples.</exception>
    public static EpisodeSampler ForEvaluation(RunOptions options, DatasetCatalog catalog, ImmutableArray<int> classes) => new(
        catalog, new ClassSplit([], [], classes), options.EpisodeShape, options.Seed, catalog.RotatesClasses, [SplitPart.Test]);

    /// <summary>A sampler for an evaluation on one part of a model's own data.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="catalog">The data.</param>
    /// <param name="split">Its parts.</param>
    /// <param name="part">The one to draw from.</param>
    /// <exception cref="DataException">It has too few classes or examples.</exception>
    public static EpisodeSampler ForEvaluation(RunOptions options, DatasetCatalog catalog, ClassSplit split, SplitPart part) => new(
        catalog, split, options.EpisodeShape, options.Seed, catalog.RotatesClasses, [part]);

    /// <summary>Refuses a part that has too few classes or examples for an episode: validation classes are not checked where none are drawn.</summary>
    /// <exception cref="DataException">It has too few.</exception>
    public void Require(SplitPart part) => EpisodePools.RequireEnough(_catalog, _split, _shape, part);

    /// <summary>
    /// One episode: distinct classes in random order, so that labels are a random permutation of them. Where classes belong
    /// to tasks, a task is drawn first and then the classes among its own.
    /// </summary>
    /// <param name="part">The classes to draw from.</param>
    /// <param name="iteration">The meta-iteration; 0 where there is none, as in a final evaluation.</param>
    /// <param name="index">The episode's position in its meta-batch or evaluation.</param>
    public Episode Sample(SplitPart part, int iteration, int index)
    {
        DeterministicRandom random = DeterministicRandom.For("episode", _seed, (long)part, iteration, index);
        ImmutableArray<ImmutableArray<int>> pools = _pools[(int)part];
        ImmutableArray<int> classes = pools.Length == 1 ? pools[0] : pools[random.NextInt(pools.Length)];
        int[] places = random.Sample(classes.Length, iteration > 0 && part == SplitPart.Train ? Math.Min(_trainingWays, classes.Length) : _shape.Ways);
        ImmutableArray<EpisodeClass>.Builder drawn = ImmutableArray.CreateBuilder<EpisodeClass>(places.Length);
        foreach (int place in places)
        {
            drawn.Add(SampleClass(classes[place], ref random));
        }

        return new Episode(index, drawn.MoveToImmutable());
    }

    /// <inheritdoc />
    public int EpisodesIn(int iteration) => MetaBatch;

    /// <inheritdoc />
    public int EpisodesOf(SplitPart part, int wanted) => wanted;

    private EpisodeClass SampleClass(int classIndex, ref DeterministicRandom random)
    {
        int quarterTurns = _rotateClasses ? random.NextInt(4) : 0;
        int[] examples = random.Sample(_catalog.Classes[classIndex].ExampleCount, _shape.Shots + _shape.Queries);
        if (_catalog.IsOrdered)
        {
            Array.Sort(examples);
        }

        return new EpisodeClass(classIndex, quarterTurns, [.. examples[.._shape.Shots]], [.. examples[_shape.Shots..]]);
    }
}
