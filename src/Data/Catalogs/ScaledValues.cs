namespace MetaMap.Data;

/// <summary>
/// Gives a dataset's numbers in the units of its training classes, where they have units of their own (<see cref="DatasetCatalog.HasUnits"/>): vectors and values to
/// predict with mean 0 and deviation 1. Tokens stay as they are.
/// </summary>
public static class ScaledValues
{
    /// <summary>The dataset in such units; itself when its numbers have none of their own.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="scales">The units, e.g. those that a model was trained with; null for those of the training classes.</param>
    /// <param name="trainingExamples">The examples that are trained on.</param>
    public static IEpisodeDataset Of(IEpisodeDataset dataset, ValueScales? scales, Func<IEnumerable<ExampleIndex>> trainingExamples)
    {
        DatasetCatalog catalog = dataset.Catalog;
        if (!catalog.HasUnits)
        {
            return dataset;
        }

        int inputs = catalog.Input.Kind == InputKind.Vector ? catalog.Input.Length : 0;
        ValueScales units = scales ?? ValueScales.Of(Examples(dataset, trainingExamples()), inputs, catalog.TargetLength);
        return dataset is IRegressionDataset regression && catalog.IsRegression
            ? new ScaledTasks(regression, units) : new Scaled(dataset, units);
    }

    private static IEnumerable<(float[] Input, float[] Values)> Examples(IEpisodeDataset dataset, IEnumerable<ExampleIndex> examples)
    {
        foreach ((int index, int example) in examples)
        {
            float[] input = new float[dataset.Catalog.Input.Length];
            float[] values = new float[dataset.Catalog.TargetLength];
            dataset.CopyInput(index, example, 0, input);
            if (values.Length > 0)
            {
                ((IRegressionDataset)dataset).CopyTarget(index, example, values);
            }

            yield return (input, values);
        }
    }

    private class Scaled(IEpisodeDataset raw, ValueScales scales) : IEpisodeDataset
    {
        public DatasetCatalog Catalog { get; } = raw.Catalog with { Scales = scales };

        protected ValueScales Scales => scales;

        public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
        {
            raw.CopyInput(classIndex, exampleIndex, quarterTurns, destination);
            scales.ScaleInput(destination);
        }
    }

    private sealed class ScaledTasks(IRegressionDataset tasks, ValueScales scales) : Scaled(tasks, scales), IRegressionDataset
    {
        public void CopyTarget(int classIndex, int exampleIndex, Span<float> destination)
        {
            tasks.CopyTarget(classIndex, exampleIndex, destination);
            Scales.ScaleTarget(destination);
        }
    }
}
