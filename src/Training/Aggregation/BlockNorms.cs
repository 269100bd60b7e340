using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MetaMap.Training.Aggregation;

/// <summary>
/// Euclidean norms of blocks' gradients over the coordinates that are gradients: running statistics, which ride along
/// in the same vector, are neither measured nor scaled.
/// </summary>
/// <param name="Ranges">First coordinate and length of each stretch of gradients, in order, without overlap.</param>
internal sealed record BlockNorms(ImmutableArray<(int Start, int Length)> Ranges)
{
    /// <summary>Norm of a gradient sum, in float64.</summary>
    public double Of(ReadOnlySpan<float> gradientSum)
    {
        double squares = 0;
        foreach ((int start, int length) in Ranges)
        {
            squares += SumOfSquares(gradientSum.Slice(start, length));
        }

        return Math.Sqrt(squares);
    }

    /// <summary>The parts of a stretch of coordinates that are gradients.</summary>
    /// <param name="start">First coordinate of the stretch.</param>
    /// <param name="length">Its length.</param>
    public IEnumerable<(int Start, int Length)> Within(int start, int length)
    {
        foreach ((int from, int count) in Ranges)
        {
            int first = Math.Max(from, start);
            int end = Math.Min(from + count, start + length);
            if (first < end)
            {
                yield return (first, end - first);
            }
        }
    }

    // Always eight partial sums, whatever the processor's vector width: a norm decides what counts, so it must be the same everywhere.
    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector256<float>> vectors = MemoryMarshal.Cast<float, Vector256<float>>(values);
        Vector256<double> low = Vector256<double>.Zero;
        Vector256<double> high = Vector256<double>.Zero;
        foreach (Vector256<float> vector in vectors)
        {
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(vector);
            low += lower * lower;
            high += upper * upper;
        }

        double sum = Vector256.Sum(low + high);
        foreach (float value in values[(vectors.Length * Vector256<float>.Count)..])
        {
            sum += (double)value * value;
        }

        return sum;
    }
}
