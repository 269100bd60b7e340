using System.Collections.Immutable;

namespace MetaMap.Data;

/// <summary>
/// Mean and standard deviation of every input and of every value to predict over training examples: the units that a dataset gives its numbers in. What
/// never changes has deviation 1.
/// </summary>
/// <param name="InputMeans">One for each input; empty where inputs stay as they are.</param>
/// <param name="InputDeviations">As many, above 0.</param>
/// <param name="TargetMeans">One for each value to predict.</param>
/// <param name="TargetDeviations">As many, above 0.</param>
public sealed record ValueScales(
    ImmutableArray<double> InputMeans, ImmutableArray<double> InputDeviations, ImmutableArray<double> TargetMeans, ImmutableArray<double> TargetDeviations)
{
    /// <summary>The scales of some examples.</summary>
    /// <param name="examples">Inputs and values to predict, of the same lengths each; perhaps none.</param>
    /// <param name="inputs">Number of inputs to scale; 0 leaves them as they are.</param>
    /// <param name="targets">Number of values to predict.</param>
    public static ValueScales Of(IEnumerable<(float[] Input, float[] Values)> examples, int inputs, int targets)
    {
        Moments ofInputs = new(inputs);
        Moments ofTargets = new(targets);
        foreach ((float[] input, float[] values) in examples)
        {
            ofInputs.Add(input);
            ofTargets.Add(values);
        }

        return new ValueScales(ofInputs.Means, ofInputs.Deviations, ofTargets.Means, ofTargets.Deviations);
    }

    /// <summary>Puts an input into these units.</summary>
    public void ScaleInput(Span<float> input) => Scale(input, InputMeans, InputDeviations);

    /// <summary>Puts values to predict into these units.</summary>
    public void ScaleTarget(Span<float> values) => Scale(values, TargetMeans, TargetDeviations);

    /// <summary>Puts values to predict back into the units of the files.</summary>
    public void UnscaleTarget(Span<float> values)
    {
        for (int i = 0; i < TargetMeans.Length; i++)
        {
            values[i] = (float)((values[i] * TargetDeviations[i]) + TargetMeans[i]);
        }
    }

    /// <summary>Equal when every number is.</summary>
    public bool Equals(ValueScales? other) =>
        other is not null && InputMeans.AsSpan().SequenceEqual(other.InputMeans.AsSpan()) && InputDeviations.AsSpan().SequenceEqual(other.InputDeviations.AsSpan())
        && TargetMeans.AsSpan().SequenceEqual(other.TargetMeans.AsSpan()) && TargetDeviations.AsSpan().SequenceEqual(other.TargetDeviations.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(InputMeans.Length, TargetMeans.Length);

    private static void Scale(Span<float> values, ImmutableArray<double> means, ImmutableArray<double> deviations)
    {
        for (int i = 0; i < means.Length; i++)
        {
            values[i] = (float)((values[i] - means[i]) / deviations[i]);
        }
    }

    /// <summary>Means and variances, one number after the other (Welford 1962).</summary>
    private sealed class Moments(int length)
    {
        private readonly double[] _means = new double[length];
        private readonly double[] _squares = new double[length];
        private readonly long[] _counts = new long[length];

        public ImmutableArray<double> Means => [.. _means];

        // What rounding leaves of a constant is no deviation.
        public ImmutableArray<double> Deviations => [.. _squares.Select((square, i) =>
            _counts[i] > 0 && square / _counts[i] > 1e-12 * (1 + (_means[i] * _means[i])) ? Math.Sqrt(square / _counts[i]) : 1)];

        public void Add(float[] values)
        {
            for (int i = 0; i < _means.Length; i++)
            {
                // What float32 cannot square is no value of its column, and must not make all others look alike.
                if (!float.IsFinite(values[i] * values[i]))
                {
                    continue;
                }

                double difference = values[i] - _means[i];
                _means[i] += difference / ++_counts[i];
                _squares[i] += difference * (values[i] - _means[i]);
            }
        }
    }
}
