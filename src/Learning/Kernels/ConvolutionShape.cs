using System.Globalization;
using TorchSharp;

namespace MetaMap.Learning.Kernels;

/// <summary>One convolution as a network asks for it. All sizes are 1 or more, except that padding may be 0.</summary>
/// <param name="Images">Images, or texts.</param>
/// <param name="Channels">Of the input.</param>
/// <param name="Height">Of the input.</param>
/// <param name="Width">Of the input.</param>
/// <param name="Filters">Channels of the output.</param>
/// <param name="KernelHeight">Rows of a filter.</param>
/// <param name="KernelWidth">Columns of a filter.</param>
/// <param name="Stride">In both directions.</param>
/// <param name="Padding">Zeros on every side.</param>
public readonly record struct ConvolutionShape(
    long Images, long Channels, long Height, long Width, long Filters, long KernelHeight, long KernelWidth, long Stride, long Padding)
{
    /// <summary>Rows of the output.</summary>
    public long OutputHeight => (Height + 2 * Padding - KernelHeight) / Stride + 1;

    /// <summary>Columns of the output.</summary>
    public long OutputWidth => (Width + 2 * Padding - KernelWidth) / Stride + 1;

    /// <summary>Multiplications of one forward pass.</summary>
    public double Multiplications =>
        (double)Images * Channels * Filters * KernelHeight * KernelWidth * OutputHeight * OutputWidth;

    /// <summary>The shape of a call.</summary>
    /// <param name="inputs">[images, channels, height, width].</param>
    /// <param name="weight">[filters, channels, kernel height, kernel width].</param>
    /// <param name="stride">In both directions.</param>
    /// <param name="padding">On every side.</param>
    internal static ConvolutionShape Of(torch.Tensor inputs, torch.Tensor weight, long stride, long padding) => new(
        inputs.shape[0], inputs.shape[1], inputs.shape[2], inputs.shape[3], weight.shape[0], weight.shape[2], weight.shape[3], stride, padding);

    /// <summary>The same on a smaller image, so that a forward pass has at most this many multiplications, as far as the filters allow.</summary>
    internal ConvolutionShape Within(double multiplications)
    {
        ConvolutionShape shape = this;
        while (shape.Multiplications > multiplications)
        {
            ConvolutionShape smaller = shape with { Height = Math.Max(KernelHeight, shape.Height / 2), Width = Math.Max(KernelWidth, shape.Width / 2) };
            if (smaller == shape)
            {
                break;
            }

            shape = smaller;
        }

        return shape;
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Images} images of {Channels}x{Height}x{Width}, {Filters} filters of {KernelHeight}x{KernelWidth}, stride {Stride}, padding {Padding}");
}
