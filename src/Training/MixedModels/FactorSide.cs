using MathNet.Numerics.LinearAlgebra;
using MetaMap.Core;

namespace MetaMap.Training.MixedModels;

/// <summary>The users or the items of a factorisation: a normal distribution over the bias and the factors of each.</summary>
/// <param name="count">How many there are.</param>
/// <param name="variances">First variances of the bias and of each factor over all of them, above 0.</param>
/// <param name="areFactorsLearned">Whether the variances of the factors are learned, and the bias that is expected of one by its number of ratings, since what is rated often is liked better; otherwise those stay and this is 0.</param>
internal sealed class FactorSide(int count, double[] variances, bool areFactorsLearned)
{
    // Of the bias of one with n ratings: a + b log(1 + n).
    private (double Constant, double Slope) _expected;

    /// <summary>Variances of the bias and of each factor.</summary>
    public double[] Variances => variances;

    /// <summary>The expected bias and factors of each.</summary>
    public double[][] Means { get; } = [.. Enumerable.Range(0, count).Select(_ => new double[variances.Length])];

    /// <summary>Their covariances.</summary>
    public double[][,] Covariances { get; } = [.. Enumerable.Range(0, count).Select(_ => new double[variances.Length, variances.Length])];

    /// <summary>Draws first factors.</summary>
    public void Scatter(ref DeterministicRandom random)
    {
        foreach (double[] mean in Means)
        {
            for (int factor = 1; factor < mean.Length; factor++)
            {
                mean[factor] = Math.Sqrt(variances[factor]) * random.NextGaussian();
            }
        }
    }

    /// <summary>Moves every distribution to the best one while the other side stays, and then the variances.</summary>
    /// <param name="ratings">Of each of them.</param>
    /// <param name="others">The other side.</param>
    /// <param name="otherOf">Which of the others a rating belongs to.</param>
    /// <param name="mean">Mean of all ratings.</param>
    /// <param name="noise">Variance of the noise.</param>
    public void Update(UserRating[][] ratings, FactorSide others, Func<UserRating, int> otherOf, double mean, double noise)
    {
        int length = variances.Length;
        for (int own = 0; own < count; own++)
        {
            double[,] precision = new double[length, length];
            double[] weighed = new double[length];
            for (int i = 0; i < length; i++)
            {
                precision[i, i] = noise / Math.Max(variances[i], 1e-12);
            }

            weighed[0] = precision[0, 0] * ExpectedBias(ratings[own]);
            foreach (UserRating rating in ratings[own])
            {
                (double[] other, double[,] covariance) = (others.Means[otherOf(rating)], others.Covariances[otherOf(rating)]);
                double rest = rating.Value - mean - other[0];
                for (int i = 0; i < length; i++)
                {
                    double factor = i == 0 ? 1 : other[i];
                    weighed[i] += (rest * factor) - (i == 0 ? 0 : covariance[0, i]);
                    for (int j = 0; j < length; j++)
                    {
                        precision[i, j] += (factor * (j == 0 ? 1 : other[j])) + (i == 0 || j == 0 ? 0 : covariance[i, j]);
                    }
                }
            }

            Matrix<double> inverse = Matrix<double>.Build.DenseOfArray(precision).Cholesky().Solve(Matrix<double>.Build.DenseIdentity(length));
            Means[own] = (inverse * Vector<double>.Build.Dense(weighed)).ToArray();
            Covariances[own] = (inverse * noise).ToArray();
        }

        _expected = areFactorsLearned ? Line(ratings) : default;
        for (int i = 0; i < (areFactorsLearned ? length : 1); i++)
        {
            variances[i] = Enumerable.Range(0, count).Average(own => Math.Pow(Means[own][i] - (i == 0 ? ExpectedBias(ratings[own]) : 0), 2) + Covariances[own][i, i]);
        }
    }

    private double ExpectedBias(UserRating[] own) => _expected.Constant + (_expected.Slope * Math.Log(1 + own.Length));

    /// <summary>Least squares of the biases by the logarithm of the number of ratings.</summary>
    private (double Constant, double Slope) Line(UserRating[][] ratings)
    {
        double[] sizes = [.. ratings.Select(own => Math.Log(1 + own.Length))];
        double mean = sizes.Average();
        double bias = Means.Average(own => own[0]);
        double square = sizes.Sum(size => (size - mean) * (size - mean));
        double slope = square > 0 ? sizes.Zip(Means, (size, own) => (size - mean) * (own[0] - bias)).Sum() / square : 0;
        return (bias - (slope * mean), slope);
    }
}
