using System.Collections.Immutable;
using MetaMap.Core.Data.Glyphs;
using MetaMap.Core.Data.Omniglot;
using MetaMap.Core.Episodes;

namespace MetaMap.Core.Data;

/// <summary>Divides a dataset's classes into training, validation and test classes.</summary>
public static class ClassSplitter
{
    /// <summary>The split that shuffles all classes by the seed.</summary>
    public const string Seeded = "seeded";

    /// <summary>The split that the dataset's authors gave.</summary>
    public const string Official = "official";

    /// <summary>The names of the splits.</summary>
    public static ImmutableArray<string> Names { get; } = [Seeded, Official];

    /// <summary>
    /// Splits by name; a function of the arguments alone. Each part is in the catalog's order.
    /// <c>seeded</c>: Omniglot's 1,623 classes into 1,100, 100 and 423 (Santoro et al. 2016 train on 1,200 of them, Finn et al.
    /// 2017 keep 100 of those for validation), the 1,200 of glyphs into 900, 100 and 200; for another number of classes
    /// training and validation are the same fractions, rounded down, and test is the rest.
    /// <c>official</c>: Omniglot's background classes for training, but for 100 of its 964 that the seed picks for
    /// validation (the same fraction of another number), and its evaluation classes for test.
    /// </summary>
    /// <param name="catalog">The dataset's classes.</param>
    /// <param name="split"><c>seeded</c> or <c>official</c>.</param>
    /// <param name="seed">The seed of the configuration.</param>
    /// <exception cref="ConfigurationException">No such split, or none for this dataset.</exception>
    /// <exception cref="DataException">The official split of a dataset of which a half is missing.</exception>
    public static ClassSplit Split(DatasetCatalog catalog, string split, long seed) => split switch
    {
        Seeded => SplitSeeded(catalog, seed),
        Official when catalog.Name == OmniglotDataset.Name => SplitOmniglot(catalog, seed),
        Official => throw new ConfigurationException($"dataset {catalog.Name} has no official split: use {Seeded}"),
        _ => throw new ConfigurationException($"there is no split {split}: use {string.Join(" or ", Names)}"),
    };

    private static ClassSplit SplitSeeded(DatasetCatalog catalog, long seed)
    {
        long count = catalog.Classes.Length;
        (int train, int validation) = catalog.Name == GlyphDataset.Name
            ? ((int)(count * 900 / 1200), (int)(count * 100 / 1200))
            : ((int)(count * 1100 / 1623), (int)(count * 100 / 1623));
        int[] shuffled = Shuffled(catalog.Classes.Length, seed);
        return new ClassSplit(
            Sorted(shuffled.AsSpan(0, train)),
            Sorted(shuffled.AsSpan(train, validation)),
            Sorted(shuffled.AsSpan(train + validation)));
    }

    private static ClassSplit SplitOmniglot(DatasetCatalog catalog, long seed)
    {
        int[] background = Half(catalog, OmniglotDataset.Background);
        int[] evaluation = Half(catalog, OmniglotDataset.Evaluation);
        int[] shuffled = Array.ConvertAll(Shuffled(background.Length, seed), place => background[place]);
        int validation = background.Length * 100 / 964;
        return new ClassSplit(
            Sorted(shuffled.AsSpan(validation)), Sorted(shuffled.AsSpan(0, validation)), Sorted(evaluation));
    }

    private static int[] Half(DatasetCatalog catalog, string half)
    {
        int[] classes = [.. Enumerable.Range(0, catalog.Classes.Length)
            .Where(i => catalog.Classes[i].Name.StartsWith(half + "/", StringComparison.Ordinal))];
        return classes.Length > 0
            ? classes
            : throw new DataException(
                $"the {Official} split of {catalog.Name} needs {half}, and the data folder has none: add {half}.zip, or use {Seeded}");
    }

    private static int[] Shuffled(int count, long seed) => DeterministicRandom.For("class-split", seed).Sample(count, count);

    private static ImmutableArray<int> Sorted(ReadOnlySpan<int> classes)
    {
        int[] sorted = classes.ToArray();
        Array.Sort(sorted);
        return ImmutableArray.Create(sorted);
    }
}
