using System.Collections.Immutable;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Baselines;

/// <summary>One example of a training class.</summary>
/// <param name="Class">Index into the catalog.</param>
/// <param name="Input">Its input.</param>
/// <param name="Values">Its values to predict; empty for classification.</param>
internal readonly record struct TrainingRow(int Class, float[] Input, float[] Values);

/// <summary>The examples that baselines learn from.</summary>
internal static class TrainingRows
{
    private const int Most = 100_000;

    /// <summary>The training classes of a run.</summary>
    public static ImmutableArray<int> ClassesOf(RunOptions options, DatasetCatalog catalog) => ClassSplitter.Split(catalog, options.Split, options.Seed).Train;

    /// <summary>The examples of the training classes, class by class; of a dataset with more than 100,000 the first ones of each class.</summary>
    public static IEnumerable<TrainingRow> Of(RunOptions options, IEpisodeDataset dataset)
    {
        DatasetCatalog catalog = dataset.Catalog;
        ImmutableArray<int> classes = ClassesOf(options, catalog);
        int most = classes.Sum(index => (long)catalog.Classes[index].ExampleCount) > Most ? Math.Max(1, Most / classes.Length) : int.MaxValue;
        foreach (int index in classes)
        {
            for (int example = 0; example < Math.Min(most, catalog.Classes[index].ExampleCount); example++)
            {
                float[] input = new float[catalog.Input.Length];
                float[] values = new float[catalog.TargetLength];
                dataset.CopyInput(index, example, 0, input);
                if (dataset is IRegressionDataset regression && values.Length > 0)
                {
                    regression.CopyTarget(index, example, values);
                }

                yield return new TrainingRow(index, input, values);
            }
        }
    }
}
