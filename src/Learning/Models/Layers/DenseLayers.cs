using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>Fully connected hidden layers; the first is offered for modulation.</summary>
/// <param name="first">Position of the first layer's weight among the parameters; its bias and the other layers follow.</param>
/// <param name="count">Hidden layers, 0 or more.</param>
/// <param name="activation">The activation after each.</param>
internal sealed class DenseLayers(int first, int count, Func<torch.Tensor, torch.Tensor> activation)
{
    /// <summary>Hidden layers.</summary>
    public int Count => count;

    /// <summary>Maps inputs [inputs, length] to features [inputs, width of the last hidden layer].</summary>
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass)
    {
        torch.Tensor features = inputs;
        for (int layer = 0; layer < count; layer++)
        {
            features = Linear.Of(features, parameters[first + 2 * layer], parameters[first + 2 * layer + 1]);
            features = activation(layer == 0 ? pass.Modulate(features) : features);
        }

        return features;
    }

    /// <summary>Maps features [inputs, width] to outputs [inputs, outputs].</summary>
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) =>
        Linear.Of(features, parameters[first + 2 * count], parameters[first + 2 * count + 1]);
}
