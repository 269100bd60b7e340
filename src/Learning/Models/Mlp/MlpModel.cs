using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Layered;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>
/// Fully connected layers with ReLU and a linear head, on vectors or on images row by row. Without batch norm, so
/// transductive and inductive predictions are the same.
/// </summary>
internal sealed class MlpModel : IModel, ILayeredModel
{
    private readonly DenseLayers _layers;
    private readonly int _inputDimensions;

    /// <summary>Creates the network.</summary>
    /// <param name="spec">Named <c>mlp</c>.</param>
    public MlpModel(ModelSpec spec) : this(spec, features => features.relu()) { }

    /// <summary>Creates it with another activation; tests use a smooth one to check gradients against finite differences.</summary>
    internal MlpModel(ModelSpec spec, Func<torch.Tensor, torch.Tensor> activation)
    {
        Schema = spec.Schema();
        _inputDimensions = spec.Input.Sizes.Length;
        _layers = new DenseLayers(first: 0, HiddenWidths.Of(spec).Length, activation);
    }

    /// <inheritdoc />
    public ParameterSchema Schema { get; }

    /// <inheritdoc />
    public bool TakesTasks => true;

    /// <inheritdoc />
    public ImmutableArray<LayerPlan> Layers =>
        [.. Enumerable.Range(0, Schema.Definitions.Length / 2).Select(layer => new LayerPlan.Dense(2 * layer, 2 * layer + 1, IsRectified: 2 * layer + 2 < Schema.Definitions.Length))];

    /// <inheritdoc />
    /// <remarks>The first hidden layer is offered for modulation.</remarks>
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass) =>
        _layers.Features(parameters, inputs.flatten(-_inputDimensions), pass);

    /// <inheritdoc />
    public torch.Tensor? Skip(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs) => _layers.Count == 0 ? null : inputs.flatten(-_inputDimensions);

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) => _layers.Head(parameters, features);
}
