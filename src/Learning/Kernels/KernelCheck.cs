using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using MetaMap.Core;
using TorchSharp;

namespace MetaMap.Learning.Kernels;

/// <summary>A convolution that was computed incorrectly.</summary>
/// <param name="Way">Name of the <see cref="Convolution"/>.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="What">The wrong value or derivative.</param>
/// <param name="RelativeError">|float32 - float64| / |float64|; may be NaN or infinite.</param>
public sealed record KernelFault(string Way, ConvolutionShape Shape, string What, double RelativeError)
{
    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{What} of {Shape} is {(double.IsFinite(RelativeError) ? $"off by {RelativeError:0.0E+0}" : "not finite")}");
}

/// <summary>
/// Compares convolutions in float32 with matrix products in float64: values, first and second derivatives, twice, each time in
/// memory that held NaN before, because faulty kernels have been seen to read uninitialised memory.
/// </summary>
internal static class KernelCheck
{
    /// <summary>Largest relative error: correct kernels differ by about 1e-6, faulty ones by 5e-2 and more.</summary>
    public const double Tolerance = 1e-4;

    private const int Rounds = 2;
    private const double MostMultiplications = 1.5e6;

    private static readonly string[] _whats =
    [
        "the value", "the gradient by the input", "the gradient by the weight", "the second derivative by the input",
        "the second derivative by the weight", "the second derivative by the cotangent",
    ];

    /// <summary>
    /// Shapes that every process checks: channel counts that are not a multiple of a vector's length, as inputs, filters and (in
    /// the second derivative) images, and those of the default network.
    /// </summary>
    public static ImmutableArray<ConvolutionShape> FixedShapes { get; } =
    [
        new(5, 1, 14, 14, 8, 3, 3, 1, 1), new(5, 20, 14, 14, 20, 3, 3, 1, 1), new(5, 25, 14, 14, 25, 3, 3, 2, 1),
        new(5, 48, 7, 7, 48, 3, 3, 2, 1), new(20, 64, 4, 4, 64, 3, 3, 2, 1), new(25, 64, 3, 3, 64, 3, 3, 1, 1),
    ];

    /// <summary>The first convolution that is wrong; null when all are correct.</summary>
    public static KernelFault? Find(Convolution way, IEnumerable<ConvolutionShape> shapes) =>
        shapes.Select(shape => shape.Within(MostMultiplications)).Distinct().Select(shape => Find(way, shape)).FirstOrDefault(fault => fault is not null);

    private static KernelFault? Find(Convolution way, ConvolutionShape shape)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] right = Derivatives(Convolution.Products, shape, torch.float64);
        for (int round = 0; round < Rounds; round++)
        {
            SoilMemory();
            torch.Tensor[] got = Derivatives(way, shape, torch.float32);
            for (int i = 0; i < right.Length; i++)
            {
                double error = got[i].to(torch.float64).sub(right[i]).norm().item<double>() / right[i].norm().item<double>();
                if (!(error <= Tolerance))
                {
                    return new KernelFault(way.Name, shape, _whats[i], error);
                }
            }
        }

        return null;
    }

    /// <summary>The value, its derivatives along a fixed cotangent, and their derivatives along fixed directions.</summary>
    private static torch.Tensor[] Derivatives(Convolution way, ConvolutionShape shape, torch.ScalarType dtype)
    {
        torch.Tensor inputs = Normal("inputs", dtype, shape.Images, shape.Channels, shape.Height, shape.Width).requires_grad_();
        torch.Tensor weight = Normal("weight", dtype, shape.Filters, shape.Channels, shape.KernelHeight, shape.KernelWidth).requires_grad_();
        torch.Tensor cotangent = Normal("cotangent", dtype, shape.Images, shape.Filters, shape.OutputHeight, shape.OutputWidth).requires_grad_();
        torch.Tensor value = way.Apply(inputs, weight, null, shape.Stride, shape.Padding);
        IList<torch.Tensor> first = torch.autograd.grad([value], [inputs, weight], [cotangent], retain_graph: true, create_graph: true);
        IList<torch.Tensor> second = torch.autograd.grad(
            [first[0], first[1]], [inputs, weight, cotangent],
            [Normal("by inputs", dtype, first[0].shape), Normal("by weight", dtype, first[1].shape)]);
        return [value, .. first, .. second];
    }

    private static torch.Tensor Normal(string purpose, torch.ScalarType dtype, params long[] shape)
    {
        var random = DeterministicRandom.For(purpose, shape);
        torch.Tensor tensor = torch.empty(shape, dtype: torch.float32);
        foreach (ref float value in MemoryMarshal.Cast<byte, float>(tensor.bytes))
        {
            value = (float)random.NextGaussian();
        }

        return dtype == torch.float32 ? tensor : tensor.to(dtype);
    }

    /// <summary>Fills freed memory of many sizes with NaN: the allocator hands it out next.</summary>
    private static void SoilMemory()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Scalar nan = float.NaN;
        for (int kibibytes = 4; kibibytes <= 4096; kibibytes *= 2)
        {
            for (int i = 0; i < 3; i++)
            {
                torch.empty(kibibytes * 256, dtype: torch.float32).fill_(nan);
            }
        }
    }
}
