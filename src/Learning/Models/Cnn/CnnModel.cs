using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Layered;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Configuration;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Models;

/// <summary>
/// A small network without batch norm: 32 valid 3x3 filters, ReLU, adaptive average pool to 7x7, 128 hidden units with
/// ReLU, linear head. Transductive and inductive predictions are the same.
/// </summary>
internal sealed class CnnModel : IModel, ILayeredModel
{
    private readonly Convolution _convolution;
    private readonly Func<torch.Tensor, torch.Tensor> _activation;

    /// <summary>Creates the network.</summary>
    /// <param name="spec">Named <c>cnn</c>.</param>
    /// <param name="convolution">How convolutions are computed.</param>
    public CnnModel(ModelSpec spec, Convolution convolution) : this(spec, convolution, features => features.relu()) { }

    /// <summary>Creates it with another activation; tests use a smooth one to check gradients against finite differences.</summary>
    internal CnnModel(ModelSpec spec, Convolution convolution, Func<torch.Tensor, torch.Tensor> activation)
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
    public ImmutableArray<LayerPlan> Layers =>
    [
        new LayerPlan.RectifiedConvolution(Weight: 0, Bias: 1, Stride: 1, Padding: 0),
        new LayerPlan.AveragePool(CnnDefinition.PooledSide),
        new LayerPlan.Dense(Weight: 2, Bias: 3, IsRectified: true),
        new LayerPlan.Dense(Weight: 4, Bias: 5, IsRectified: false),
    ];

    /// <inheritdoc />
    /// <remarks>The hidden layer is offered for modulation.</remarks>
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass)
    {
        torch.Tensor features = _activation(_convolution.Convolve(inputs, parameters[0], parameters[1]));  // [images, 32, height-2, width-2]
        features = features.ImageByImage(images => F.adaptive_avg_pool2d(images, CnnDefinition.PooledSide));  // [images, 32, 7, 7]
        return _activation(pass.Modulate(Linear.Of(features.flatten(-3), parameters[2], parameters[3])));  // [images, 128]
    }

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) =>
        Linear.Of(features, parameters[4], parameters[5]);                                     // [images, ways]
}
