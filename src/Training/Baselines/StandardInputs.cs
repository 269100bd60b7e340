namespace MetaMap.Training.Baselines;

/// <summary>Inputs with mean 0 and deviation 1 over the training classes; one that never changes stays as it is but for its mean.</summary>
internal sealed class StandardInputs
{
    private readonly double[] _means;
    private readonly double[] _deviations;

    private StandardInputs(double[] means, double[] deviations) => (_means, _deviations) = (means, deviations);

    /// <summary>Reads the examples of the training classes.</summary>
    public static StandardInputs Of(TrainingSet training)
    {
        double[] sums = new double[training.Dataset.Catalog.Input.Length];
        double[] squares = new double[sums.Length];
        int count = 0;
        foreach (TrainingRow row in training.Rows())
        {
            count++;
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += row.Input[i];
                squares[i] += (double)row.Input[i] * row.Input[i];
            }
        }

        double[] means = [.. sums.Select(sum => sum / count)];
        return new StandardInputs(means, [.. squares.Zip(means, (square, mean) => Deviation((square / count) - (mean * mean), mean))]);
    }

    /// <summary>An input in these units.</summary>
    public float[] Standardise(float[] input) => [.. input.Select((value, i) => (float)((value - _means[i]) / _deviations[i]))];

    // What rounding leaves of a constant is no deviation.
    private static double Deviation(double variance, double mean) => variance > 1e-12 * (1 + (mean * mean)) ? Math.Sqrt(variance) : 1;
}
