using System.Collections.Immutable;
using MetaMap.Core.Data.Glyphs;
using MetaMap.Core.Data.Omniglot;
using MetaMap.Core.Data.Sinusoid;
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
    /// Splits by name; a function of the arguments alone. Each part is in the catalog's order, and the classes of one task
    /// (<see cref="DatasetClass.Group"/>) stay together.
    /// <c>seeded</c>: Omniglot's 1,623 classes into 1,100, 100 and 423 (Santoro et al. 2016 train on 1,200 of them, Finn et al.
    /// 2017 keep 100 of those for validation), the 1,200 of glyphs into 900, 100 and 200, the 12,000 curves of sinusoid into
    /// 10,000, 1,000 and 1,000; for another number of classes training and validation are the same fractions, rounded down, and
    /// test is the rest. Other datasets: a fifth for test, rounded up, a fifth for validation, rounded down, the rest for training.
    /// <c>official</c>: the parts that the dataset's folders or lists name; of Omniglot its background classes for training, but
    /// for 100 of its 964 that the seed picks for validation (the same fraction of another number), and its evaluation classes
    /// for test. Without a name, the official split of a dataset that names its parts, otherwise the seeded one.
    /// </summary>
    /// <param name="catalog">The dataset's classes.</param>
    /// <param name="split"><c>seeded</c>, <c>official</c>, or null.</param>
    /// <param name="seed">The seed of the configuration.</param>
    /// <exception cref="ConfigurationException">No such split, or none for this dataset.</exception>
    /// <exception cref="DataException">The official split of a dataset of which a half is missing.</exception>
    public static ClassSplit Split(DatasetCatalog catalog, string? split, long seed) => split switch
    {
        Seeded => SplitSeeded(catalog, seed),
        Official when catalog.Name == OmniglotDataset.Name => SplitOmniglot(catalog, seed),
        Official or null when NamesParts(catalog) => new ClassSplit(
            Named(catalog, SplitPart.Train), Named(catalog, SplitPart.Validation), Named(catalog, SplitPart.Test)),
        Official => throw new ConfigurationException($"dataset {catalog.Name} has no official split: use {Seeded}"),
        null => SplitSeeded(catalog, seed),
        _ => throw new ConfigurationException($"there is no split {split}: use {string.Join(" or ", Names)}"),
    };

    private static ClassSplit SplitSeeded(DatasetCatalog catalog, long seed)
    {
        int[][] units = Units(catalog);
        (int train, int validation) = Sizes(catalog.Name, units.Length);
        int[][] shuffled = Array.ConvertAll(Shuffled(units.Length, seed), place => units[place]);
        return new ClassSplit(
            Sorted([.. shuffled.Take(train).SelectMany(unit => unit)]),
            Sorted([.. shuffled.Skip(train).Take(validation).SelectMany(unit => unit)]),
            Sorted([.. shuffled.Skip(train + validation).SelectMany(unit => unit)]));
    }

    private static (int Train, int Validation) Sizes(string dataset, long count) => dataset switch
    {
        GlyphDataset.Name => ((int)(count * 900 / 1200), (int)(count * 100 / 1200)),
        OmniglotDataset.Name => ((int)(count * 1100 / 1623), (int)(count * 100 / 1623)),
        SinusoidDataset.Name => ((int)(count * 10 / 12), (int)(count * 1 / 12)),
        _ => ((int)(count - count / 5 - (count + 4) / 5), (int)(count / 5)),
    };

    /// <summary>What is shuffled: the classes of each task together, every other class alone.</summary>
    private static int[][] Units(DatasetCatalog catalog) =>
        [.. Enumerable.Range(0, catalog.Classes.Length)
            .GroupBy(i => catalog.Classes[i].Group is >= 0 and int group ? (group, -1) : (-1, i))
            .Select(unit => unit.ToArray())];

    private static bool NamesParts(DatasetCatalog catalog) =>
        catalog.Classes.Length > 0 && catalog.Classes.All(item => item.Part is not null);

    private static ImmutableArray<int> Named(DatasetCatalog catalog, SplitPart part) =>
        [.. Enumerable.Range(0, catalog.Classes.Length).Where(i => catalog.Classes[i].Part == part)];

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
