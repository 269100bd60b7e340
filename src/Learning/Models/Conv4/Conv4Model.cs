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
/// Four times 3x3 convolution with padding 1, batch norm, ReLU; then the spatial mean and a linear head. The image is
/// halved in each layer: by 2x2 max-pooling (<c>conv4</c>; Vinyals et al. 2016) or by stride 2 (<c>conv4-stride</c>;
/// Finn et al. 2017, Omniglot).
/// </summary>
internal sealed class Conv4Model : IModel, ILayeredModel
{
    private const int LayerCount = 4;
    private const int TensorsPerLayer = 4;
    private const int ModulatedLayer = 2;

    private readonly bool _pooling;
    private readonly long _stride;
    private readonly Convolution _convolution;
    private readonly Func<torch.Tensor, torch.Tensor> _activation;

    /// <summary>Creates the network.</summary>
    /// <param name="spec">Named <c>conv4</c> or <c>conv4-stride</c>.</param>
    /// <param name="convolution">How convolutions are computed.</param>
    public Conv4Model(ModelSpec spec, Convolution convolution) : this(spec, convolution, features => features.relu()) { }

    /// <summary>Creates it with another activation; tests use a smooth one to check gradients against finite differences.</summary>
    internal Conv4Model(ModelSpec spec, Convolution convolution, Func<torch.Tensor, torch.Tensor> activation)
    {
        Schema = spec.Schema();
        _pooling = spec.Name == Conv4Definition.Pooling;
        _stride = _pooling ? 1 : 2;
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
        .. Enumerable.Range(0, LayerCount).Select(layer => layer * TensorsPerLayer)
            .Select(first => new LayerPlan.Convolution(first, Gain: first + 2, Shift: first + 3, (int)_stride, Padding: 1, _pooling) { Bias = first + 1 }),
        new LayerPlan.AveragePool(Side: 1),
        new LayerPlan.Dense(LayerCount * TensorsPerLayer, LayerCount * TensorsPerLayer + 1, IsRectified: false),
    ];

    /// <inheritdoc />
    /// <remarks>The third layer is offered for modulation, as in CAVIA (Zintgraf et al. 2019, appendix B).</remarks>
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass)
    {
        torch.Tensor features = inputs;                                            // [images, channels, height, width]
        for (int layer = 0; layer < LayerCount; layer++)
        {
            int first = layer * TensorsPerLayer;
            features = _convolution.Convolve(features, parameters[first], parameters[first + 1], _stride, padding: 1);
            features = pass.Statistics.Normalize(layer, features, parameters[first + 2], parameters[first + 3]);
            features = layer == ModulatedLayer ? pass.Modulate(features) : features;
            features = _activation(features);
            if (_pooling)
            {
                features = features.ImageByImage(images => F.max_pool2d(images, 2));
            }
        }

        return features.mean([-2, -1]);                                            // [images, filters]
    }

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) =>
        Linear.Of(features, parameters[LayerCount * TensorsPerLayer], parameters[LayerCount * TensorsPerLayer + 1]);                        // [images, ways]
}
