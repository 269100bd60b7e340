namespace MetaMap.Training.Baselines;

/// <summary>The measure of regression.</summary>
internal static class SquaredError
{
    /// <summary>Mean squared error of predictions.</summary>
    /// <param name="values">The true values.</param>
    /// <param name="predicted">The prediction of the value at an index.</param>
    public static double Mean(float[] values, Func<int, double> predicted) =>
        values.Select((value, i) => Math.Pow(value - predicted(i), 2)).Average();
}
