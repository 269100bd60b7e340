using System.Collections.Immutable;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Baselines;

/// <summary>One example of a training class.</summary>
/// <param name="Class">Index into the catalog.</param>
/// <param name="Input">Its input.</param>
/// <param name="Values">Its values to predict; empty for classification.</param>
public readonly record struct TrainingRow(int Class, float[] Input, float[] Values);

/// <summary>What baselines, and parts that start from data, learn from.</summary>
/// <param name="Options">The run's.</param>
/// <param name="Dataset">Its data.</param>
/// <param name="Classes">The training classes.</param>
public sealed record TrainingSet(RunOptions Options, IEpisodeDataset Dataset, ImmutableArray<int> Classes)
{
    /// <summary>Most examples that are read.</summary>
    public const int Most = 100_000;

    /// <summary>The examples of the training classes (in a supervised run those that are trained on), class by class; where there are more than wanted, the first ones of each class.</summary>
    public IEnumerable<ExampleIndex> Examples(int atMost = Most)
    {
        ImmutableArray<DatasetClass> classes = Dataset.Catalog.Classes;
        IEnumerable<ExampleIndex>[] ofClasses = Options.Supervised is null || Classes.IsEmpty
            ? [.. Classes.Select(index => Enumerable.Range(0, classes[index].ExampleCount).Select(example => new ExampleIndex(index, example)))]
            : [.. Options.SplitExamples(Dataset.Catalog).Train.GroupBy(one => one.Class)];
        int most = ofClasses.Sum(examples => (long)examples.Count()) > atMost ? Math.Max(1, atMost / ofClasses.Length) : int.MaxValue;
        return ofClasses.SelectMany(examples => examples.Take(most));
    }

    /// <summary>The content of <see cref="Examples"/>. Rows with numbers that float32 cannot square are left out.</summary>
    public IEnumerable<TrainingRow> Rows(int atMost = Most)
    {
        DatasetCatalog catalog = Dataset.Catalog;
        foreach ((int index, int example) in Examples(atMost))
        {
            float[] input = new float[catalog.Input.Length];
            float[] values = new float[catalog.TargetLength];
            Dataset.CopyInput(index, example, 0, input);
            if (Dataset is IRegressionDataset regression && values.Length > 0)
            {
                regression.CopyTarget(index, example, values);
            }

            // What float32 cannot square would drown everything else.
            if (Array.TrueForAll(input, IsOrdinary) && Array.TrueForAll(values, IsOrdinary))
            {
                yield return new TrainingRow(index, input, values);
            }
        }
    }

    private static bool IsOrdinary(float value) => float.IsFinite(value * value);
}
