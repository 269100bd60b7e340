using MathNet.Numerics.LinearAlgebra;

namespace MetaMap.Training.MixedModels;

/// <summary>All that a linear model needs of a task.</summary>
/// <param name="Inputs">X'X [coefficients, coefficients].</param>
/// <param name="Products">X'Y [coefficients, values].</param>
/// <param name="Squares">Y'Y of each value.</param>
internal sealed record TaskSums(Matrix<double> Inputs, Matrix<double> Products, Vector<double> Squares)
{
    /// <summary>The sums of some examples.</summary>
    public static TaskSums Of(Matrix<double> inputs, Matrix<double> values) => new(
        inputs.TransposeThisAndMultiply(inputs), inputs.TransposeThisAndMultiply(values), values.PointwiseMultiply(values).ColumnSums());

    /// <summary>The sums of what means leave of the values, whitened by the covariance that random coefficients give these.</summary>
    /// <param name="variances">The diagonal of S: of coefficients over the variance of the noise.</param>
    /// <param name="means">Mean coefficients [values, coefficients].</param>
    public WhitenedSums Whitened(Vector<double> variances, Matrix<double> means)
    {
        Matrix<double> products = Products - (Inputs * means.Transpose());
        Vector<double> squares = Squares - (2 * (means * Products).Diagonal()) + (means * Inputs * means.Transpose()).Diagonal();
        var covariance = Matrix<double>.Build.DenseOfDiagonalVector(variances);
        // X' (I + X S X')^-1 = (I + X'X S)^-1 X' (Woodbury).
        var left = (Matrix<double>.Build.DenseIdentity(Inputs.RowCount) + (Inputs * covariance)).LU();
        Matrix<double> whitened = left.Solve(products);
        return new WhitenedSums(left.Solve(Inputs), whitened, squares - (products.TransposeThisAndMultiply(covariance) * whitened).Diagonal());
    }
}

/// <summary>The sums of a task with V = I + X S X', the covariance of its values over the variance of the noise, and r what the means leave of them.</summary>
/// <param name="Inputs">X' V^-1 X.</param>
/// <param name="Products">X' V^-1 r.</param>
/// <param name="Squares">r' V^-1 r of each value.</param>
internal sealed record WhitenedSums(Matrix<double> Inputs, Matrix<double> Products, Vector<double> Squares);
