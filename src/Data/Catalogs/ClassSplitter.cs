using System.Collections.Immutable;
using MetaMap.Core;

namespace MetaMap.Data;

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
    /// <c>seeded</c>: uses the dataset's own sizes (<see cref="DatasetCatalog.SeededParts"/>); for another number of classes, the
    /// same fractions, rounded down, with the rest for test. Without such sizes, a fifth for test (rounded up), a fifth for
    /// validation (rounded down) and the rest for training.
    /// <c>official</c>: the dataset's own (<see cref="DatasetCatalog.OfficialSplit"/>), or the parts that its folders or lists
    /// name. Without a name, the official split of a dataset that names its parts, otherwise the seeded one.
    /// </summary>
    /// <param name="catalog">The dataset's classes.</param>
    /// <param name="split"><c>seeded</c>, <c>official</c>, or null.</param>
    /// <param name="seed">The seed of the configuration.</param>
    /// <exception cref="ConfigurationException">No such split, or none for this dataset.</exception>
    /// <exception cref="DataException">The official split is asked for, but a part of the dataset is missing.</exception>
    public static ClassSplit Split(DatasetCatalog catalog, string? split, long seed) => split switch
    {
        Seeded => SplitSeeded(catalog, seed),
        Official when catalog.OfficialSplit is { } official => official(catalog, seed),
        Official or null when NamesParts(catalog) => new ClassSplit(
            Named(catalog, SplitPart.Train), Named(catalog, SplitPart.Validation), Named(catalog, SplitPart.Test)),
        Official => throw new ConfigurationException($"dataset {catalog.Name} has no official split: use {Seeded}"),
        null => SplitSeeded(catalog, seed),
        _ => throw new ConfigurationException($"there is no split {split}: use {string.Join(" or ", Names)}"),
    };

    /// <summary>Divides some classes at random, by the seed, into two parts, each in the catalog's order.</summary>
    /// <param name="classes">Indices into the catalog.</param>
    /// <param name="first">Classes of the first part.</param>
    /// <param name="seed">The seed of the configuration.</param>
    internal static (ImmutableArray<int> First, ImmutableArray<int> Others) Divide(int[] classes, int first, long seed)
    {
        int[] shuffled = Array.ConvertAll(Shuffled(classes.Length, seed), place => classes[place]);
        return (Sorted(shuffled.AsSpan(0, first)), Sorted(shuffled.AsSpan(first)));
    }

    private static ClassSplit SplitSeeded(DatasetCatalog catalog, long seed)
    {
        int[][] units = Units(catalog);
        (int train, int validation) = Sizes(catalog.SeededParts, units.Length);
        int[][] shuffled = Array.ConvertAll(Shuffled(units.Length, seed), place => units[place]);
        return new ClassSplit(
            Sorted([.. shuffled.Take(train).SelectMany(unit => unit)]),
            Sorted([.. shuffled.Skip(train).Take(validation).SelectMany(unit => unit)]),
            Sorted([.. shuffled.Skip(train + validation).SelectMany(unit => unit)]));
    }

    private static (int Train, int Validation) Sizes(SplitSizes? sizes, long count) => sizes is { } own
        ? ((int)(count * own.Train / own.All), (int)(count * own.Validation / own.All))
        : ((int)(count - count / 5 - (count + 4) / 5), (int)(count / 5));

    /// <summary>The units to shuffle: the classes of each task together, every other class alone.</summary>
    private static int[][] Units(DatasetCatalog catalog) =>
        [.. Enumerable.Range(0, catalog.Classes.Length)
            .GroupBy(i => catalog.Classes[i].Group is >= 0 and int group ? (group, -1) : (-1, i))
            .Select(unit => unit.ToArray())];

    private static bool NamesParts(DatasetCatalog catalog) =>
        catalog.Classes.Length > 0 && catalog.Classes.All(item => item.Part is not null);

    private static ImmutableArray<int> Named(DatasetCatalog catalog, SplitPart part) =>
        [.. Enumerable.Range(0, catalog.Classes.Length).Where(i => catalog.Classes[i].Part == part)];

    private static int[] Shuffled(int count, long seed) => DeterministicRandom.For("class-split", seed).Sample(count, count);

    private static ImmutableArray<int> Sorted(ReadOnlySpan<int> classes)
    {
        int[] sorted = classes.ToArray();
        Array.Sort(sorted);
        return ImmutableArray.Create(sorted);
    }
}
