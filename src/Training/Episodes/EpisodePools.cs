using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;

namespace MetaMap.Training.Episodes;

/// <summary>Groups classes into pools, whose classes may meet in one episode: a part of the split, or one task in it.</summary>
internal static class EpisodePools
{
    /// <summary>The pools of a part: one without groups, otherwise one for each group, in the catalog's order.</summary>
    public static ImmutableArray<ImmutableArray<int>> Of(DatasetCatalog catalog, ImmutableArray<int> classes) =>
        [.. classes.GroupBy(i => catalog.Classes[i].Group).Select(pool => pool.ToImmutableArray())];

    /// <summary>Checks that every pool of a part has enough classes for the ways, and every class enough examples for shots and queries.</summary>
    /// <exception cref="DataException">A pool or a class has too few.</exception>
    public static void RequireEnough(DatasetCatalog catalog, ClassSplit split, EpisodeShape shape, SplitPart part)
    {
        ImmutableArray<int> classes = split[part];
        string unit = Unit(catalog);
        if (classes.Length < shape.Ways)
        {
            throw new DataException(
                $"dataset {catalog.Name} has {classes.Length} {Word(part)} {unit}, {shape.Ways} ways need at least {shape.Ways} "
                + $"(it has {split.Train.Length} training, {split.Validation.Length} validation and {split.Test.Length} test {unit}{(catalog.LeftOut is { } leftOut ? $"; {leftOut}" : "")}): "
                + "ask for fewer ways, or add " + unit);
        }

        foreach (ImmutableArray<int> pool in Of(catalog, classes))
        {
            if (pool.Length < shape.Ways)
            {
                throw new DataException(
                    $"the task of {Word(part)} class {catalog.Classes[pool[0]].Name} of dataset {catalog.Name} has {pool.Length} classes, "
                    + $"{shape.Ways} ways need at least {shape.Ways}: ask for fewer ways, or leave the task out");
            }
        }

        long needed = (long)shape.Shots + shape.Queries;
        foreach (DatasetClass item in classes.Select(i => catalog.Classes[i]).Where(item => item.ExampleCount < needed))
        {
            throw new DataException(
                $"{Word(part)} class {item.Name} of dataset {catalog.Name} has {item.ExampleCount} examples, "
                + $"{shape.Shots} shots and {shape.Queries} queries need {needed}: "
                + "ask for fewer shots or queries, or add examples");
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
