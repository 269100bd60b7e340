using MetaMap.Learning.Models;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>An adapted mapping as a plain network, which needs nothing of its task any more: it can be kept, and predicts each input by itself.</summary>
/// <param name="Parameters">The network's parameters, in order.</param>
/// <param name="Statistics">Mean and (biased) variance [channels] of each batch norm, in the order in which the network calls them; empty where it has none.</param>
public sealed record FixedNetwork(IReadOnlyList<torch.Tensor> Parameters, IReadOnlyList<(torch.Tensor Mean, torch.Tensor Variance)> Statistics)
{
    /// <summary>Scale minus 1, then shift, of each channel of the hidden layer that the network offers for it: [1, 2 · channels]; null for none.</summary>
    public torch.Tensor? Modulation { get; init; }

    /// <summary>What the network's <see cref="IModel.Skip"/> is multiplied by and added to the outputs, [outputs, skip length]; null for none.</summary>
    public torch.Tensor? SkipWeight { get; init; }

    /// <summary>Whether features are made of length one before the head, so that it compares directions.</summary>
    public bool IsCosine { get; init; }

    /// <summary>Outputs [inputs, outputs] for inputs [inputs, …sizes of one input].</summary>
    /// <param name="model">The network.</param>
    /// <param name="inputs">The inputs, of the parameters' dtype.</param>
    public torch.Tensor Predict(IModel model, torch.Tensor inputs)
    {
        torch.Tensor features = model.Features(Parameters, inputs, new ForwardPass(new FixedStatistics(Statistics)) { Modulation = Film.By(Modulation) });
        torch.Tensor outputs = model.Head(Parameters, IsCosine ? features.OfLengthOne() : features);
        return SkipWeight is not null && model.Skip(Parameters, inputs) is { } skip ? outputs.Plus(skip.matmul(SkipWeight.t())) : outputs;
    }
}
