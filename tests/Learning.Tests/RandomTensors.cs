using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Aggregation;
using TorchSharp;

namespace MetaMap.Learning.Tests;

/// <summary>Seeded float64 tensors in the caller's dispose scope.</summary>
internal static class RandomTensors
{
    public static torch.Tensor Gaussian(long seed, params long[] shape)
    {
        var random = DeterministicRandom.For("test-tensor", seed);
        double[] values = new double[shape.Aggregate(1L, (product, size) => product * size)];
        foreach (ref double value in values.AsSpan())
        {
            value = random.NextGaussian();
        }

        return torch.tensor(values).reshape(shape);
    }

    /// <summary>Moves all of a tensor in place, with numbers that are held until libtorch has read them.</summary>
    public static void Move(torch.Tensor value, double distance)
    {
        using Scalar one = 1;
        using Scalar held = distance;
        value.add_(held, one);
    }

    /// <summary>Leaves for a layout: small random weights and biases, scales near 1, inner rates near 0.2, running means 0 and variances 1.</summary>
    public static torch.Tensor[] Leaves(ParameterLayout layout, long seed, double deviation = 0.3) =>
    [
        .. layout.Entries.Select((entry, i) =>
        {
            torch.Tensor noise = Gaussian(seed + i, [.. entry.Shape.Select(size => (long)size)]).Times(deviation);
            bool isNorm = entry.Name.StartsWith("norm", StringComparison.Ordinal);
            torch.Tensor values = entry.Name.StartsWith("rate.", StringComparison.Ordinal) ? noise.Times(0.1).PlusNumber(0.2)
                : isNorm && entry.Name.EndsWith(".mean", StringComparison.Ordinal) ? noise.Times(0)
                : isNorm && entry.Name.EndsWith(".variance", StringComparison.Ordinal) ? noise.Times(0).PlusNumber(1)
                : isNorm && entry.Name.EndsWith(".weight", StringComparison.Ordinal) ? noise.PlusNumber(1)
                : noise;
            return values.detach().requires_grad_();
        }),
    ];
}
