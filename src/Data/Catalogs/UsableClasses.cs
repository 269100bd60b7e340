using MetaMap.Core;

namespace MetaMap.Data;

/// <summary>
/// Leaves out the classes that have too few examples for an episode's shots and queries, and the tasks in which too few
/// classes are left for its ways, and says how many. The split is made of what is left.
/// </summary>
public static class UsableClasses
{
    /// <summary>A dataset without the classes that are too small; itself when none is.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="shape">The form of the run's episodes.</param>
    /// <exception cref="DataException">No class is large enough, or no task has enough of them.</exception>
    public static IEpisodeDataset Of(IEpisodeDataset dataset, EpisodeShape shape)
    {
        DatasetCatalog catalog = dataset.Catalog;
        (string classes, string examples) = catalog.Nouns;
        long needed = (long)shape.Shots + shape.Queries;
        string each = $"fewer than {needed} {examples} ({shape.Shots} shots and {shape.Queries} queries)";
        int[] large = [.. Enumerable.Range(0, catalog.Classes.Length).Where(i => shape.Suffices(catalog.Classes[i]))];
        if (large.Length == 0 && catalog.Classes.Length > 0)
        {
            DatasetClass largest = catalog.Classes.MaxBy(item => item.ExampleCount)!;
            throw new DataException(
                $"each of the {catalog.Classes.Length} {classes} of dataset {catalog.Name} has {each}, the largest, {largest.Name}, {largest.ExampleCount}: "
                + $"ask for fewer shots or queries (--shots, --queries), or add {examples}");
        }

        HashSet<int> tasks = [.. large.GroupBy(i => catalog.Classes[i].Group).Where(task => task.Key < 0 || task.Count() >= shape.Ways).Select(task => task.Key)];
        int[] kept = [.. large.Where(i => tasks.Contains(catalog.Classes[i].Group))];
        if (kept.Length == catalog.Classes.Length)
        {
            return dataset;
        }

        int all = catalog.Classes.Select(item => item.Group).Where(group => group >= 0).Distinct().Count();
        int left = all - tasks.Count(group => group >= 0);
        string small = $"{catalog.Classes.Length - large.Length} of {catalog.Classes.Length} {classes} {LeaveOut(catalog.Classes.Length - large.Length, each)}";
        string few = $"{left} of {all} tasks {LeaveOut(left, $"fewer than {shape.Ways} {classes}{(large.Length < catalog.Classes.Length ? $" with as many {examples}" : "")}")}";
        string leftOut = string.Join("; ", (string[])[.. large.Length < catalog.Classes.Length ? [small] : (string[])[], .. left > 0 ? [few] : (string[])[]]);
        return kept.Length == 0 ? throw new DataException($"dataset {catalog.Name}: {leftOut}, so none is left: ask for fewer ways, shots or queries (--ways, --shots, --queries), or add {examples}")
            : Keep(dataset, kept, catalog with { Classes = [.. kept.Select(i => catalog.Classes[i])], LeftOut = leftOut, Notices = catalog.Notices.Add(leftOut) });
    }

    private static string LeaveOut(int count, string what) => count == 1 ? $"has {what} and is left out" : $"have {what} and are left out";

    private static Kept Keep(IEpisodeDataset dataset, int[] kept, DatasetCatalog catalog) =>
        dataset is IRegressionDataset regression ? new KeptTasks(regression, kept, catalog)
        : dataset is ITextDataset texts ? new KeptTexts(texts, kept, catalog) : new Kept(dataset, kept, catalog);

    private class Kept(IEpisodeDataset whole, int[] kept, DatasetCatalog catalog) : IEpisodeDataset
    {
        public DatasetCatalog Catalog => catalog;

        public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination) =>
            whole.CopyInput(InWhole(classIndex), exampleIndex, quarterTurns, destination);

        protected int InWhole(int classIndex) => kept[classIndex];
    }

    private sealed class KeptTexts(ITextDataset texts, int[] kept, DatasetCatalog catalog) : Kept(texts, kept, catalog), ITextDataset
    {
        public string TextOf(int classIndex, int exampleIndex) => texts.TextOf(InWhole(classIndex), exampleIndex);
    }

    private sealed class KeptTasks(IRegressionDataset regression, int[] kept, DatasetCatalog catalog) : Kept(regression, kept, catalog), IRegressionDataset
    {
        public void CopyTarget(int classIndex, int exampleIndex, Span<float> destination) =>
            regression.CopyTarget(InWhole(classIndex), exampleIndex, destination);
    }
}
