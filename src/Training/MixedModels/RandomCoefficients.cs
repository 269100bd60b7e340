using MathNet.Numerics.LinearAlgebra;
using MetaMap.Training.Baselines;

namespace MetaMap.Training.MixedModels;

/// <summary>
/// A linear model whose coefficients differ from task to task: y = x · (mean + b) + noise, where b is drawn for each task with mean 0 and a
/// covariance. Of means, covariance and noise those of greatest likelihood (Laird and Ware 1982), by expectation and conditional
/// maximisation (Liu and Rubin 1994); correlations of coefficients are shrunk where tasks are few.
/// </summary>
/// <param name="Means">Mean coefficients of the constant 1 and of the inputs [values to predict, 1 + inputs].</param>
/// <param name="Covariance">Of a task's coefficients over the variance of the noise [1 + inputs, 1 + inputs], positive semidefinite.</param>
public sealed record RandomCoefficients(Matrix<double> Means, Matrix<double> Covariance)
{
    /// <summary>Most coefficients that differ from task to task: their cube is the work of each task.</summary>
    public const int MostCoefficients = 128;

    private const int Iterations = 40;
    private const int MostTasks = 3000;
    private const double MostProducts = 1e10;
    // Of the number of examples; inputs may depend on each other.
    private const double Ridge = 1e-6;

    /// <summary>Fits the model to training tasks.</summary>
    /// <param name="training">Their examples.</param>
    /// <param name="inputs">How many of the inputs have coefficients, the first ones; fewer than <see cref="MostCoefficients"/>.</param>
    public static RandomCoefficients Fit(TrainingSet training, int inputs)
    {
        int most = (int)Math.Clamp(MostProducts / (3.0 * Iterations * Math.Pow(1 + inputs, 3)), 20, MostTasks);
        TrainingSet some = training with { Classes = [.. training.Classes.Take(most)] };
        return Fit([.. some.Rows().GroupBy(row => row.Class).Select(task => (
            Matrix<double>.Build.DenseOfRows(task.Select(row => row.Input.Take(inputs).Select(value => (double)value).Prepend(1))),
            Matrix<double>.Build.DenseOfRows(task.Select(row => row.Values.Select(value => (double)value)))))]);
    }

    /// <summary>Fits the model.</summary>
    /// <param name="tasks">Inputs [examples, coefficients] and values [examples, values] of each task; at least one example in all.</param>
    internal static RandomCoefficients Fit(IReadOnlyList<(Matrix<double> Inputs, Matrix<double> Values)> tasks)
    {
        (int length, int values) = (tasks[0].Inputs.ColumnCount, tasks[0].Values.ColumnCount);
        double examples = tasks.Sum(task => (double)task.Values.RowCount);
        TaskSums[] sums = [.. tasks.Select(task => TaskSums.Of(task.Inputs, task.Values))];
        Matrix<double> means = Matrix<double>.Build.Dense(values, length);
        // Least squares of all examples together first, then tasks that differ.
        Matrix<double> covariance = Matrix<double>.Build.Dense(length, length);
        for (int iteration = 0; iteration <= Iterations; iteration++)
        {
            Matrix<double> information = Matrix<double>.Build.DenseIdentity(length) * (Ridge * examples);
            Matrix<double> score = Matrix<double>.Build.Dense(length, values);
            Vector<double> squares = Vector<double>.Build.Dense(values);
            List<Matrix<double>> scores = [];
            foreach (TaskSums task in sums)
            {
                WhitenedSums whitened = task.Whitened(covariance, means);
                (information, score, squares) = (information + whitened.Inputs, score + whitened.Products, squares + whitened.Squares);
                scores.Add(whitened.Products);
            }

            var precisions = Matrix<double>.Build.DenseOfDiagonalVector(squares.Map(square => square > 0 ? examples / square : 0) / values);
            Matrix<double> outer = scores.Aggregate(Matrix<double>.Build.Dense(length, length), (sum, one) => sum + (one * precisions * one.Transpose()));
            means += information.Cholesky().Solve(score).Transpose();
            covariance = iteration == 0 ? Matrix<double>.Build.DenseIdentity(length) / length
                : Shrunk(covariance + (covariance * ((outer - information) / tasks.Count) * covariance), tasks.Count);
        }

        return new RandomCoefficients(means, covariance);
    }

    // As the mean of an inverse Wishart posterior with as many degrees of freedom as there are coefficients.
    private static Matrix<double> Shrunk(Matrix<double> covariance, int tasks)
    {
        double weight = 0.5 * tasks / (tasks + covariance.RowCount);
        return (covariance + covariance.Transpose()).MapIndexed((row, column, value) => row == column ? Math.Max(value / 2, 0) : weight * value);
    }
}
