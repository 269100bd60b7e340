using MathNet.Numerics.LinearAlgebra;
using MetaMap.Core;
using MetaMap.Training.MixedModels;

namespace MetaMap.Training.Tests.MixedModels;

public sealed class RandomCoefficientsTests
{
    private const double NoiseDeviation = 0.5;

    /// <summary>Of 400 tasks: y = (1 + b0) + (2 + b1) x1 - x2, deviations of b0 and b1 0.5 and 0.25, noise 0.5.</summary>
    [Fact]
    public void Fit_ManyTasks_FindsMeansAndVariances()
    {
        RandomCoefficients found = RandomCoefficients.Fit([.. Enumerable.Range(0, 400).Select(task => Drawn(task, [1, 2, -1], [0.5, 0.25, 0]))]);
        double[] expected = [1, 2, -1, 1, 0.25, 0];
        double[] actual = [.. found.Means.Row(0), .. found.Variances];
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - 0.15, pair.First + 0.15));
        Assert.InRange(found.Variances[2], 0, 0.02);
    }

    /// <summary>Twice the same input: least squares have no single answer, and the one that is found says the same.</summary>
    [Fact]
    public void Fit_DependentInputs_PredictsAsWithOneOfThem()
    {
        RandomCoefficients found = RandomCoefficients.Fit([.. Enumerable.Range(0, 40).Select(task =>
        {
            (Matrix<double> inputs, Matrix<double> values) = Drawn(task, [1, 2, -1], [0.5, 0, 0]);
            return (inputs.Append(inputs.SubMatrix(0, inputs.RowCount, 1, 1)), values);
        })]);
        Assert.InRange(found.Means[0, 1] + found.Means[0, 3], 1.9, 2.1);
        Assert.All(found.Variances, variance => Assert.InRange(variance, 0, 2));
    }

    [Fact]
    public void Fit_NoNoiseAndOneTask_IsFinite()
    {
        Matrix<double> inputs = Matrix<double>.Build.DenseOfArray(new double[,] { { 1, 0 }, { 1, 1 }, { 1, 2 } });
        RandomCoefficients found = RandomCoefficients.Fit([(inputs, inputs * Matrix<double>.Build.DenseOfArray(new double[,] { { 3 }, { 2 } }))]);
        Assert.All([.. found.Means.Row(0), .. found.Variances], value => Assert.True(double.IsFinite(value)));
        Assert.InRange(found.Means[0, 1], 1.9, 2.1);
    }

    private static (Matrix<double> Inputs, Matrix<double> Values) Drawn(int task, double[] means, double[] deviations)
    {
        var random = DeterministicRandom.For("random-coefficients", task);
        double[] coefficients = new double[means.Length];
        for (int i = 0; i < means.Length; i++)
        {
            coefficients[i] = means[i] + (deviations[i] * random.NextGaussian());
        }

        Matrix<double> inputs = Matrix<double>.Build.Dense(20, means.Length);
        Matrix<double> values = Matrix<double>.Build.Dense(20, 1);
        for (int row = 0; row < inputs.RowCount; row++)
        {
            inputs.SetRow(row, [1, random.NextGaussian(), random.NextGaussian()]);
            values[row, 0] = inputs.Row(row).DotProduct(Vector<double>.Build.Dense(coefficients)) + (NoiseDeviation * random.NextGaussian());
        }

        return (inputs, values);
    }
}
