using MathNet.Numerics.LinearAlgebra;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Baselines;

/// <summary>
/// A linear model of all training tasks together, by least squares on standardised inputs, and an offset for each task, which is the shrunk mean
/// of its support set's residuals: a random intercept.
/// </summary>
internal sealed class LinearTaskModel : IBaseline
{
    /// <summary>Most inputs: least squares take their square in memory, and in time for each example.</summary>
    public const int MostInputs = 500;

    // Of the number of examples; inputs may depend on each other.
    private const double Ridge = 1e-6;
    private const int RowsAtOnce = 1024;
    // A few seconds of one core.
    private const long MostProducts = 2_000_000_000;

    private readonly StandardInputs _inputs;
    private readonly Matrix<double> _weights;
    private readonly double[] _ratios;

    private LinearTaskModel(StandardInputs inputs, Matrix<double> weights, double[] ratios) => (_inputs, _weights, _ratios) = (inputs, weights, ratios);

    /// <summary>Fits it to the examples of the training tasks.</summary>
    public static LinearTaskModel Fit(TrainingSet training)
    {
        var inputs = StandardInputs.Of(training);
        int length = training.Dataset.Catalog.Input.Length;
        (int Task, Vector<double> Input, float[] Values)[] rows =
            [.. training.Rows((int)Math.Min(TrainingSet.Most, MostProducts / ((long)length * length))).Select(row => (row.Class, WithOne(inputs.Standardise(row.Input)), row.Values))];
        Matrix<double> square = Matrix<double>.Build.DenseIdentity(length + 1) * (Ridge * rows.Length);
        Matrix<double> product = Matrix<double>.Build.Dense(square.RowCount, training.Dataset.Catalog.TargetLength);
        foreach ((int, Vector<double> Input, float[] Values)[] some in rows.Chunk(RowsAtOnce))
        {
            Matrix<double> examples = Matrix<double>.Build.DenseOfRowVectors(some.Select(row => row.Input));
            square += examples.TransposeThisAndMultiply(examples);
            product += examples.TransposeThisAndMultiply(Matrix<double>.Build.DenseOfRows(some.Select(row => row.Values.Select(value => (double)value))));
        }

        Matrix<double> weights = square.Cholesky().Solve(product);
        (int Task, double[] Residuals)[] residuals = [.. rows.Select(row => (row.Task, Residuals(weights, row.Input, row.Values)))];
        return new LinearTaskModel(
            inputs, weights,
            [.. Enumerable.Range(0, training.Dataset.Catalog.TargetLength).Select(value => Shrinkage.Of(
                residuals.GroupBy(row => row.Task, row => row.Residuals[value]).Select(task => task.ToArray())))]);
    }

    /// <summary>Of each value to predict, the variance of the noise over that of the tasks' offsets.</summary>
    public IReadOnlyList<double> Ratios => _ratios;

    /// <summary>The coefficients of the constant 1 and of the inputs as they are [values to predict, 1 + inputs].</summary>
    public Matrix<double> Coefficients()
    {
        int length = _weights.RowCount - 1;
        Matrix<double> inputs = Matrix<double>.Build.Dense(_weights.ColumnCount, length, (value, input) => _weights[input, value] / _inputs.Deviations[input]);
        return (_weights.Row(length) - (inputs * Vector<double>.Build.DenseOfEnumerable(_inputs.Means))).ToColumnMatrix().Append(inputs);
    }

    /// <inheritdoc />
    public double Measure(Episode episode, EpisodeExamples examples)
    {
        double[][] support = Residuals(examples.Support, examples);
        double[] offsets = [.. _ratios.Select((ratio, value) => Shrinkage.Offset(support.Sum(row => row[value]), support.Length, ratio))];
        return Residuals(examples.Query, examples).SelectMany(row => row.Zip(offsets, (residual, offset) => Math.Pow(residual - offset, 2))).Average();
    }

    private static double[] Residuals(Matrix<double> weights, Vector<double> input, float[] values) =>
        [.. values.Zip(weights.LeftMultiply(input), (value, predicted) => value - predicted)];

    private static Vector<double> WithOne(float[] input) => Vector<double>.Build.DenseOfEnumerable(input.Select(value => (double)value).Append(1));

    private double[][] Residuals(ExampleSet set, EpisodeExamples examples) =>
        [.. set.Inputs.Chunk(examples.Input.Length).Zip(set.Values.Chunk(examples.TargetLength), (input, values) =>
            Residuals(_weights, WithOne(_inputs.Standardise(input)), values))];
}
