using MathNet.Numerics.LinearAlgebra;
using MetaMap.Training.Baselines;

namespace MetaMap.Training.MixedModels;

/// <summary>
/// A linear model whose coefficients differ from task to task: y = x · (mean + b) + noise, where b is drawn for each task, every coefficient with a
/// variance of its own. Of means, variances and noise those of greatest likelihood (Laird and Ware 1982), by expectation and conditional
/// maximisation (Liu and Rubin 1994).
/// </summary>
/// <remarks>Correlations between coefficients are left out: estimated from a few dozen tasks they cost more than they tell.</remarks>
/// <param name="Means">Mean coefficients of the constant 1 and of the inputs [values to predict, 1 + inputs].</param>
/// <param name="Variances">Of a task's coefficients over the variance of the noise, one for each, 0 or more.</param>
public sealed record RandomCoefficients(Matrix<double> Means, Vector<double> Variances)
{
    // The work of each task grows with their cube.
    private const int MostThatDiffer = 128;
    private const int Iterations = 60;
    private const int MostTasks = 3000;
    private const double MostProducts = 1e10;
    // Ridge regression does not penalise it.
    private const double VarianceOfConstant = 100;
    // Of the number of examples; inputs may depend on each other.
    private const double Ridge = 1e-6;

    /// <summary>Fits the model to training tasks. Where inputs are many, only the constant's coefficient differs; where they are more than least squares take, all differ alike, around zero.</summary>
    /// <param name="training">Their examples.</param>
    /// <param name="inputs">How many of the inputs have coefficients, all or none.</param>
    public static RandomCoefficients Fit(TrainingSet training, int inputs)
    {
        if (inputs >= MostThatDiffer)
        {
            return inputs > LinearTaskModel.MostInputs ? OfRidge(training, inputs) : OfOffset(LinearTaskModel.Fit(training));
        }

        int most = (int)Math.Clamp(MostProducts / (3.0 * Iterations * Math.Pow(1 + inputs, 3)), 20, MostTasks);
        TrainingSet some = training with { Classes = [.. training.Classes.Take(most)] };
        return Fit([.. some.Rows().GroupBy(row => row.Class).Select(task => (
            Matrix<double>.Build.DenseOfRows(task.Select(row => row.Input.Take(inputs).Select(value => (double)value).Prepend(1))),
            Matrix<double>.Build.DenseOfRows(task.Select(row => row.Values.Select(value => (double)value)))))]);
    }

    private static RandomCoefficients OfOffset(LinearTaskModel model) => new(
        model.Coefficients(), Vector<double>.Build.Dense(model.Coefficients().ColumnCount, i => i == 0 ? model.Ratios.Average(ratio => 1 / ratio) : 0));

    private static RandomCoefficients OfRidge(TrainingSet training, int inputs) => new(
        Matrix<double>.Build.Dense(training.Dataset.Catalog.TargetLength, 1 + inputs),
        Vector<double>.Build.DenseOfEnumerable(SupportRidge.Fit(training).Penalties.Select(penalty => 1 / penalty).Prepend(VarianceOfConstant)));

    /// <summary>Fits the model.</summary>
    /// <param name="tasks">Inputs [examples, coefficients] and values [examples, values] of each task; at least one example in all.</param>
    internal static RandomCoefficients Fit(IReadOnlyList<(Matrix<double> Inputs, Matrix<double> Values)> tasks)
    {
        (int length, int values) = (tasks[0].Inputs.ColumnCount, tasks[0].Values.ColumnCount);
        double examples = tasks.Sum(task => (double)task.Values.RowCount);
        TaskSums[] sums = [.. tasks.Select(task => TaskSums.Of(task.Inputs, task.Values))];
        Matrix<double> means = Matrix<double>.Build.Dense(values, length);
        // Least squares of all examples together first, then tasks that differ.
        Vector<double> variances = Vector<double>.Build.Dense(length);
        for (int iteration = 0; iteration <= Iterations; iteration++)
        {
            Matrix<double> information = Matrix<double>.Build.DenseIdentity(length) * (Ridge * examples);
            Matrix<double> score = Matrix<double>.Build.Dense(length, values);
            Vector<double> squares = Vector<double>.Build.Dense(values);
            List<Matrix<double>> scores = [];
            foreach (TaskSums task in sums)
            {
                WhitenedSums whitened = task.Whitened(variances, means);
                (information, score, squares) = (information + whitened.Inputs, score + whitened.Products, squares + whitened.Squares);
                scores.Add(whitened.Products);
            }

            means += information.LU().Solve(score).Transpose();
            Vector<double> precisions = squares.Map(square => square > 0 ? examples / square : 0);
            Vector<double> found = scores.Aggregate(Vector<double>.Build.Dense(length), (sum, one) => sum + (one.PointwiseMultiply(one) * precisions / values));
            variances = iteration == 0 ? Vector<double>.Build.Dense(length, 1.0 / length)
                : (variances + variances.PointwiseMultiply(variances).PointwiseMultiply((found - information.Diagonal()) / tasks.Count)).PointwiseMaximum(0);
        }

        return new RandomCoefficients(means, variances);
    }
}
