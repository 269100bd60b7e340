using MetaMap.Core.Episodes;
using MetaMap.Core.Parameters;
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

    /// <summary>Leaves for a layout: small random weights and biases, scales near 1.</summary>
    public static torch.Tensor[] Leaves(ParameterLayout layout, long seed, double deviation = 0.3) =>
    [
        .. layout.Entries.Select((entry, i) =>
        {
            torch.Tensor values = deviation * Gaussian(seed + i, [.. entry.Shape.Select(size => (long)size)]);
            bool isScale = entry.Name.StartsWith("norm", StringComparison.Ordinal) && entry.Name.EndsWith("weight", StringComparison.Ordinal);
            return (isScale ? values + 1 : values).detach().requires_grad_();
        }),
    ];
}
