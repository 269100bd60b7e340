using System.Numerics.Tensors;
using MetaMap.Core.Parameters;

namespace MetaMap.Training.Aggregation;

/// <summary>A block's gradient on its way into the mean.</summary>
/// <param name="GradientSum">Sum over its episodes (of a slice of a minibatch over its examples), unscaled.</param>
/// <param name="Weight">How many, 1 or more.</param>
/// <param name="Scale">The factor applied to the gradient: below 1 when the block is clipped, 1 otherwise.</param>
/// <param name="Norms">Where the scale applies: everywhere but in the running statistics.</param>
internal sealed record WeighedBlock(ParameterVector GradientSum, int Weight, float Scale, BlockNorms Norms)
{
    /// <summary>Writes a stretch of the block's mean gradient, scaled.</summary>
    /// <param name="start">First coordinate.</param>
    /// <param name="mean">Receives the stretch.</param>
    public void CopyMean(int start, Span<float> mean)
    {
        TensorPrimitives.Divide(GradientSum.Values.Slice(start, mean.Length), Weight, mean);
        if (Scale < 1)
        {
            foreach ((int from, int length) in Norms.Within(start, mean.Length))
            {
                Span<float> part = mean.Slice(from - start, length);
                TensorPrimitives.Multiply(part, Scale, part);
            }
        }
    }
}
