using System.Numerics.Tensors;

namespace MetaMap.Training.Aggregation;

/// <summary>
/// The mean over episodes: gradient sums added in block order, divided by the number of episodes. A block weighs as
/// much as it has episodes. A single wrong block can move the mean arbitrarily far.
/// </summary>
internal sealed class MeanAggregation : IBlockAggregation
{
    /// <inheritdoc />
    public void Aggregate(IReadOnlyList<WeighedBlock> blocks, int start, Span<float> mean)
    {
        mean.Clear();
        float[]? scaled = null;
        int weight = 0;
        foreach (WeighedBlock block in blocks)
        {
            weight += block.Weight;
            if (block.Scale < 1)
            {
                scaled ??= new float[mean.Length];
                block.CopyMean(start, scaled);
                TensorPrimitives.MultiplyAdd(scaled, block.Weight, mean, mean);
            }
            else
            {
                TensorPrimitives.Add(mean, block.GradientSum.Values.Slice(start, mean.Length), mean);
            }
        }

        TensorPrimitives.Divide(mean, weight, mean);
    }
}
