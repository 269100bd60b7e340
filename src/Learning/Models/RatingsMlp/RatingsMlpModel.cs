using MetaMap.Core.Parameters;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>
/// An item's embedding, fully connected layers with ReLU, a linear head. Without batch norm, so transductive and
/// inductive predictions are the same.
/// </summary>
internal sealed class RatingsMlpModel : IModel
{
    private readonly DenseLayers _layers;

    /// <summary>Creates the network.</summary>
    /// <param name="spec">Named <c>ratings-mlp</c>.</param>
    public RatingsMlpModel(ModelSpec spec) : this(spec, features => features.relu()) { }

    /// <summary>Creates it with another activation; tests use a smooth one to check gradients against finite differences.</summary>
    internal RatingsMlpModel(ModelSpec spec, Func<torch.Tensor, torch.Tensor> activation)
    {
        Schema = spec.Schema();
        _layers = new DenseLayers(first: 1, HiddenWidths.Of(spec).Length, activation);
    }

    /// <inheritdoc />
    public ParameterSchema Schema { get; }

    /// <inheritdoc />
    public bool TakesTasks => true;

    /// <inheritdoc />
    /// <remarks>Inputs are item numbers [inputs, 1]. The first hidden layer is offered for modulation.</remarks>
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass) =>
        _layers.Features(parameters, Embedded(parameters, inputs), pass);

    /// <inheritdoc />
    public torch.Tensor? Skip(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs) => _layers.Count == 0 ? null : Embedded(parameters, inputs);

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) => _layers.Head(parameters, features);

    private static torch.Tensor Embedded(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs) => TokenEmbedding.Of(parameters[0], inputs).flatten(-2);
}
