
namespace MetaMap.Core.Parameters;

/// <summary>Fills in the first values of one meta-parameter.</summary>
/// <param name="entry">Its name and shape.</param>
/// <param name="random">The parameter's own random stream, a function of seed and position.</param>
/// <param name="values">Row-major values to fill in.</param>
public delegate void Initializer(ParameterEntry entry, DeterministicRandom random, Span<float> values);

/// <summary>The usual initialisers.</summary>
public static class Initializers
{
    /// <summary>All zero.</summary>
    public static Initializer Zeros { get; } = Constant(0);

    /// <summary>All one.</summary>
    public static Initializer Ones { get; } = Constant(1);

    /// <summary>
    /// Uniform in ±sqrt(6 / (fan-in + fan-out)) (Glorot and Bengio 2010, eq. 16), for weights of shape
    /// [outputs, inputs, …receptive field].
    /// </summary>
    public static Initializer XavierUniform { get; } = (entry, random, values) =>
        FillUniform(Math.Sqrt(6.0 / ((entry.Shape[0] + entry.Shape[1]) * (double)ReceptiveField(entry))), random, values);

    /// <summary>Normal with variance 2 / fan-out (He et al. 2015, eq. 14), for weights of shape [outputs, inputs, …receptive field].</summary>
    public static Initializer HeNormal { get; } = (entry, random, values) =>
        FillGaussian(Math.Sqrt(2.0 / (entry.Shape[0] * (double)ReceptiveField(entry))), random, values);

    /// <summary>One value everywhere.</summary>
    public static Initializer Constant(double value) => (_, _, values) => values.Fill((float)value);

    /// <summary>Uniform around zero.</summary>
    /// <param name="bound">The largest value.</param>
    public static Initializer Uniform(double bound) => (_, random, values) => FillUniform(bound, random, values);

    /// <summary>Normal around zero.</summary>
    /// <param name="deviation">Standard deviation.</param>
    public static Initializer Normal(double deviation) => (_, random, values) => FillGaussian(deviation, random, values);

    private static int ReceptiveField(ParameterEntry entry) => entry.Shape.Skip(2).Aggregate(1, (product, size) => product * size);

    private static void FillUniform(double bound, DeterministicRandom random, Span<float> values)
    {
        foreach (ref float value in values)
        {
            value = (float)random.NextDouble(-bound, bound);
        }
    }

    private static void FillGaussian(double deviation, DeterministicRandom random, Span<float> values)
    {
        foreach (ref float value in values)
        {
            value = (float)(deviation * random.NextGaussian());
        }
    }
}
