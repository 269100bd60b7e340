using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;

namespace MetaMap.Training.Episodes;

/// <summary>Groups classes into pools, whose classes may meet in one episode: a part of the split, or one task in it.</summary>
internal static class EpisodePools
{
    /// <summary>
    /// The pools of a part: one without groups, otherwise one for each group, in the catalog's order. Classes with too few examples and groups with too few
    /// classes, which are there only where an evaluation asks for other episodes than the run did, are left out.
    /// </summary>
    public static ImmutableArray<ImmutableArray<int>> Of(DatasetCatalog catalog, ImmutableArray<int> classes, EpisodeShape shape) =>
    [
        .. classes.Where(i => shape.Suffices(catalog.Classes[i])).GroupBy(i => catalog.Classes[i].Group)
            .Where(pool => pool.Key < 0 || pool.Count() >= shape.Ways).Select(pool => pool.ToImmutableArray()),
    ];

    /// <summary>Checks that a part, and a pool of it, has enough classes for the ways with examples for shots and queries.</summary>
    /// <exception cref="DataException">It has too few.</exception>
    public static void RequireEnough(DatasetCatalog catalog, ClassSplit split, EpisodeShape shape, SplitPart part)
    {
        ImmutableArray<int> classes = split[part];
        string unit = Unit(catalog);
        if (classes.Length < shape.Ways)
        {
            throw new DataException(
                $"dataset {catalog.Name} has {classes.Length} {Word(part)} {unit}, {shape.Ways} ways need at least {shape.Ways} "
                + $"(it has {split.Train.Length} training, {split.Validation.Length} validation and {split.Test.Length} test {unit}{(catalog.LeftOut is { } leftOut ? $"; {leftOut}" : "")}): "
                + (part == SplitPart.Validation && shape.Ways == 1 ? $"add {unit}, or measure on none (--validation-interval 0)" : classes.Length > 1 ? $"train with --ways {classes.Length} or fewer, or add {unit}" : $"add {unit}"));
        }

        ImmutableArray<ImmutableArray<int>> pools = Of(catalog, classes, shape);
        if (pools.IsEmpty && classes.Where(i => shape.Suffices(catalog.Classes[i]) && catalog.Classes[i].Group >= 0).GroupBy(i => catalog.Classes[i].Group).FirstOrDefault() is { } small)
        {
            throw new DataException(
                $"the task of {Word(part)} class {catalog.Classes[small.First()].Name} of dataset {catalog.Name} has {small.Count()} classes, "
                + $"{shape.Ways} ways need at least {shape.Ways}: {(small.Count() > 1 ? $"train with --ways {small.Count()} or fewer, or " : "")}leave the task out");
        }

        int sufficient = pools.Sum(pool => pool.Length);
        if (sufficient < shape.Ways)
        {
            throw new DataException(
                $"{sufficient} of {classes.Length} {Word(part)} {unit} of dataset {catalog.Name} {(sufficient == 1 ? "has" : "have")} the "
                + $"{(long)shape.Shots + shape.Queries} examples that {shape.Shots} shots and {shape.Queries} queries need, and {shape.Ways} ways need at least {shape.Ways}: "
                + "ask for fewer shots or queries (--shots, --queries), or add examples");
        }
    }

    private static string Unit(DatasetCatalog catalog) => catalog.IsRegression ? "tasks" : "classes";

    private static string Word(SplitPart part) => part switch
    {
        SplitPart.Train => "training",
        SplitPart.Validation => "validation",
        _ => "test",
    };
}
