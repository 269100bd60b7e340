using System.Collections.Immutable;
using System.Numerics.Tensors;
using MetaMap.Core.Parameters;

namespace MetaMap.Training.Loop;

/// <summary>The running means among the meta-parameters, which what episodes observe moves, and no optimiser.</summary>
/// <param name="layout">Of the meta-parameters.</param>
/// <param name="ranges">Where the means are.</param>
internal sealed class RunningStatistics(ParameterLayout layout, ImmutableArray<(int Start, int Length)> ranges)
{
    // PyTorch's momentum of running batch statistics.
    private const float Rate = 0.1f;

    /// <summary>Moves the means by what the episodes observed, and takes them out of the gradient.</summary>
    /// <returns>A vector in which only the means are set; null when there are none.</returns>
    public float[]? Take(ParameterVector parameters, Span<float> meanGradient)
    {
        if (ranges.IsEmpty)
        {
            return null;
        }

        float[] moved = new float[layout.Length];
        foreach ((int start, int length) in ranges)
        {
            Span<float> difference = meanGradient.Slice(start, length);
            Span<float> target = moved.AsSpan(start, length);
            TensorPrimitives.Multiply(difference, Rate, target);
            TensorPrimitives.Subtract(parameters.Values.Slice(start, length), target, target);
            difference.Clear();
        }

        return moved;
    }

    /// <summary>The parameters with the means that <see cref="Take"/> gave.</summary>
    public ParameterVector Put(ParameterVector parameters, float[] means)
    {
        float[] values = parameters.Values.ToArray();
        foreach ((int start, int length) in ranges)
        {
            means.AsSpan(start, length).CopyTo(values.AsSpan(start, length));
        }

        return new ParameterVector(layout, values);
    }
}
