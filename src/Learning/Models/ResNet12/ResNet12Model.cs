using MetaMap.Core.Parameters;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Configuration;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Models;

/// <summary>
/// Four residual blocks of three 3x3 convolutions with batch norm and LeakyReLU 0.1, a 1x1 shortcut with batch norm, and
/// 2x2 max-pooling; spatial mean; linear head (Oreshkin et al. 2018).
/// </summary>
internal sealed class ResNet12Model : IModel
{
    private const double NegativeSlope = 0.1;
    private const int TensorsPerLayer = 3;
    private const int LayersPerBlock = ResNet12Definition.ConvolutionsPerBlock + 1;
    private const int ModulatedBlock = 2;

    private readonly Convolution _convolution;
    private readonly Func<torch.Tensor, torch.Tensor> _activation;

    /// <summary>Creates the network.</summary>
    /// <param name="spec">Named <c>resnet12</c>.</param>
    /// <param name="convolution">How convolutions are computed.</param>
    public ResNet12Model(ModelSpec spec, Convolution convolution) : this(spec, convolution, LeakyRelu) { }

    /// <summary>Creates it with another activation; tests use a smooth one to check gradients against finite differences.</summary>
    internal ResNet12Model(ModelSpec spec, Convolution convolution, Func<torch.Tensor, torch.Tensor> activation)
    {
        Schema = spec.Schema();
        _convolution = convolution;
        _activation = activation;
    }

    /// <inheritdoc />
    public ParameterSchema Schema { get; }

    /// <inheritdoc />
    public bool TakesTasks => true;

    /// <inheritdoc />
    /// <remarks>The third block's sum is offered for modulation.</remarks>
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass)
    {
        torch.Tensor features = inputs;                                        // [images, channels, height, width]
        for (int block = 0; block < ResNet12Definition.Blocks; block++)
        {
            features = Sum(parameters, block * LayersPerBlock, features, pass);
            features = _activation(block == ModulatedBlock ? pass.Modulate(features) : features);
            features = features.ImageByImage(images => F.max_pool2d(images, 2));
        }

        return features.mean([-2, -1]);                                        // [images, 8·filters]
    }

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features)
    {
        const int head = ResNet12Definition.Blocks * LayersPerBlock * TensorsPerLayer;
        return Linear.Of(features, parameters[head], parameters[head + 1]);     // [images, ways]
    }

    /// <summary>The sum of three convolutions and the shortcut.</summary>
    private torch.Tensor Sum(IReadOnlyList<torch.Tensor> parameters, int firstLayer, torch.Tensor inputs, ForwardPass pass)
    {
        torch.Tensor features = inputs;
        for (int layer = firstLayer; layer < firstLayer + ResNet12Definition.ConvolutionsPerBlock; layer++)
        {
            features = layer == firstLayer ? features : _activation(features);
            features = ConvolveAndNormalize(parameters, layer, features, padding: 1, pass);
        }

        return features.Plus(ConvolveAndNormalize(parameters, firstLayer + ResNet12Definition.ConvolutionsPerBlock, inputs, padding: 0, pass));
    }

    private torch.Tensor ConvolveAndNormalize(
        IReadOnlyList<torch.Tensor> parameters, int layer, torch.Tensor features, long padding, ForwardPass pass)
    {
        int first = layer * TensorsPerLayer;
        torch.Tensor convolved = _convolution.Convolve(features, parameters[first], null, padding: padding);
        return pass.Statistics.Normalize(layer, convolved, parameters[first + 1], parameters[first + 2]);
    }

    private static torch.Tensor LeakyRelu(torch.Tensor features)
    {
        // Held until the call is done: TorchSharp does not keep a scalar alive while libtorch reads it.
        using Scalar slope = NegativeSlope;
        return features.leaky_relu(slope);
    }
}
