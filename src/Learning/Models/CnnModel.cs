using MetaMap.Core.Models;
using MetaMap.Core.Parameters;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Models;

/// <summary>
/// A small network without batch norm: 32 valid 3x3 filters, ReLU, adaptive average pool to 7x7, 128 hidden units with
/// ReLU, linear head. Transductive and inductive predictions are the same.
/// </summary>
public sealed class CnnModel : IModel
{
    private readonly Func<torch.Tensor, torch.Tensor> _activation;

    /// <summary>Creates the network.</summary>
    /// <param name="spec">Named <c>cnn</c>.</param>
    public CnnModel(ModelSpec spec) : this(spec, features => features.relu()) { }

    /// <summary>With another activation: gradients are checked against finite differences with a smooth one.</summary>
    internal CnnModel(ModelSpec spec, Func<torch.Tensor, torch.Tensor> activation)
    {
        Layout = ModelCatalog.Layout(spec);
        _activation = activation;
    }

    /// <inheritdoc />
    public ParameterLayout Layout { get; }

    /// <inheritdoc />
    public torch.Tensor Forward(IReadOnlyList<torch.Tensor> parameters, torch.Tensor images, BatchStatistics statistics)
    {
        torch.Tensor features = _activation(F.conv2d(images, parameters[0], parameters[1]));  // [images, 32, height-2, width-2]
        features = F.adaptive_avg_pool2d(features, ModelCatalog.CnnPooledSide);               // [images, 32, 7, 7]
        torch.Tensor hidden = _activation(F.linear(features.flatten(1), parameters[2], parameters[3]));  // [images, 128]
        return F.linear(hidden, parameters[4], parameters[5]);                                // [images, ways]
    }
}
