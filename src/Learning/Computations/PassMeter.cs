using MetaMap.Core.Parameters;
using MetaMap.Learning.Models;
using TorchSharp;

namespace MetaMap.Learning.Computations;

/// <summary>A network that adds up the memory of its passes: what they make (values of layers, patches, and what is in between), and weights that are one task's own.</summary>
/// <param name="model">The network.</param>
internal sealed class PassMeter(IModel model) : IModel
{
    /// <inheritdoc />
    public ParameterSchema Schema => model.Schema;

    /// <inheritdoc />
    public bool TakesTasks => model.TakesTasks;

    /// <summary>Bytes of all passes.</summary>
    public long AllPassesBytes { get; private set; }

    /// <summary>Bytes of the largest pass.</summary>
    public long LargestPassBytes { get; private set; }

    /// <inheritdoc />
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor features = model.Features(parameters, inputs, pass);
        // Views share their memory. Own weights have a gradient, and an optimiser's state.
        long bytes = scope.DisposablesView.OfType<torch.Tensor>().Where(tensor => !tensor.IsInvalid)
            .DistinctBy(tensor => tensor.storage<float>().data_ptr()).Sum(tensor => tensor.numel() * tensor.ElementSize)
            + Schema.Layout.Entries.Zip(parameters).Where(pair => pair.Second.dim() > pair.First.Shape.Length).Sum(pair => 2 * pair.Second.numel() * pair.Second.ElementSize);
        AllPassesBytes += bytes;
        LargestPassBytes = Math.Max(LargestPassBytes, bytes);
        return features.MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public torch.Tensor? Skip(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs) => model.Skip(parameters, inputs);

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) => model.Head(parameters, features);
}
