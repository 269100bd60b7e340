using MetaMap.Learning.Tensors;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Kernels;

/// <summary>
/// A way of computing convolutions, differentiable any number of times. libtorch's own (oneDNN's) are wrong in float32 on
/// some processors, so a network gets the first way that <see cref="KernelChooser"/> has found correct where it runs.
/// Stateless, safe for many threads.
/// </summary>
public abstract class Convolution
{
    /// <summary>libtorch's own convolution: the fastest for large images.</summary>
    public static Convolution Direct { get; } = new DirectConvolution();

    /// <summary>One matrix product with the patches of all images: as fast for small ones, and correct wherever matrix products are.</summary>
    public static Convolution Products { get; } = new ProductConvolution();

    /// <summary>Its name in messages and records, e.g. <c>direct</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Convolves.</summary>
    /// <param name="inputs">float32 or float64 [images, channels, height, width].</param>
    /// <param name="weight">[filters, channels, kernel height, kernel width].</param>
    /// <param name="bias">[filters]; null for none.</param>
    /// <param name="stride">In both directions, 1 or more.</param>
    /// <param name="padding">Zeros on every side, 0 or more.</param>
    /// <returns>[images, filters, output height, output width], a fresh tensor in the caller's dispose scope.</returns>
    public abstract torch.Tensor Apply(torch.Tensor inputs, torch.Tensor weight, torch.Tensor? bias, long stride = 1, long padding = 0);

    /// <summary>As <see cref="Apply"/>, also of tasks side by side, which share their filters or have their own.</summary>
    /// <param name="inputs">[images, channels, height, width] or [tasks, images, channels, height, width].</param>
    /// <param name="weight">[filters, channels, kernel height, kernel width], or with [tasks] before.</param>
    /// <param name="bias">[filters] or [tasks, filters]; null for none.</param>
    /// <param name="stride">In both directions, 1 or more.</param>
    /// <param name="padding">Zeros on every side, 0 or more.</param>
    /// <returns>[images, filters, output height, output width], or with [tasks] before.</returns>
    internal torch.Tensor Convolve(torch.Tensor inputs, torch.Tensor weight, torch.Tensor? bias, long stride = 1, long padding = 0)
    {
        if (weight.dim() == 4)
        {
            return inputs.ImageByImage(images => Apply(images, weight, bias, stride, padding));
        }

        (long tasks, long images) = (inputs.shape[0], inputs.shape[1]);
        torch.Tensor all = inputs.flatten(0, 1);
        var shape = ConvolutionShape.Of(all, weight.select(0, 0), stride, padding);
        torch.Tensor patches = Patches(all, shape);                                               // [tasks·images, patch, positions]
        patches = patches.reshape(tasks, images, patches.shape[1], -1).transpose(1, 2).flatten(2); // [tasks, patch, images·positions]
        torch.Tensor product = weight.flatten(2).bmm(patches);                                    // [tasks, filters, images·positions]
        torch.Tensor outputs = bias is null ? product : product.Plus(bias.unsqueeze(-1));
        return outputs.view(tasks, shape.Filters, images, shape.OutputHeight, shape.OutputWidth).transpose(1, 2);
    }

    // [images, patch, positions]
    private static torch.Tensor Patches(torch.Tensor inputs, ConvolutionShape shape) => shape is { KernelHeight: 1, KernelWidth: 1, Stride: 1, Padding: 0 }
        ? inputs.flatten(2)
        : F.unfold(inputs, (shape.KernelHeight, shape.KernelWidth), (1, 1), (shape.Padding, shape.Padding), (shape.Stride, shape.Stride));

    private sealed class DirectConvolution : Convolution
    {
        public override string Name => "direct";

        // For float64, single images and 1x1 filters, libtorch would use NNPACK, which prints warnings where it cannot run, or
        // matrix products itself.
        public override torch.Tensor Apply(torch.Tensor inputs, torch.Tensor weight, torch.Tensor? bias, long stride, long padding) =>
            inputs.dtype == torch.float32 && inputs.shape[0] > 1 && (weight.shape[2] > 1 || weight.shape[3] > 1)
                ? F.conv2d(inputs, weight, bias, strides: [stride, stride], padding: [padding, padding])
                : Products.Apply(inputs, weight, bias, stride, padding);
    }

    private sealed class ProductConvolution : Convolution
    {
        public override string Name => "products";

        public override torch.Tensor Apply(torch.Tensor inputs, torch.Tensor weight, torch.Tensor? bias, long stride, long padding)
        {
            var shape = ConvolutionShape.Of(inputs, weight, stride, padding);
            torch.Tensor patches = Patches(inputs, shape).transpose(0, 1).reshape(weight.numel() / shape.Filters, -1); // [patch, images·positions]
            torch.Tensor product = weight.flatten(1).mm(patches);                                 // [filters, images·positions]
            torch.Tensor outputs = bias is null ? product : product.Plus(bias.view(-1, 1));
            return outputs.view(shape.Filters, shape.Images, shape.OutputHeight, shape.OutputWidth).transpose(0, 1);
        }
    }
}
