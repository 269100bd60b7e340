using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>
/// Batch statistics that are collected in one forward pass (normalised like <see cref="BatchStatistics.OfBatch"/>) and
/// then used in any number of others through <see cref="Fixed"/>, as constants without gradient. The kept tensors belong
/// to the dispose scope of the collecting pass.
/// </summary>
public sealed class CollectedStatistics : BatchStatistics
{
    private readonly List<(torch.Tensor Mean, torch.Tensor Variance)> _layers = [];

    /// <summary>Creates an empty collection, ready for one forward pass.</summary>
    public CollectedStatistics() => Fixed = new FixedStatistics(_layers);

    /// <summary>What was collected, layer by layer.</summary>
    public IReadOnlyList<(torch.Tensor Mean, torch.Tensor Variance)> Layers => _layers;

    /// <summary>Normalises by the collected mean and (biased) variance: images do not see each other.</summary>
    public BatchStatistics Fixed { get; }

    /// <inheritdoc />
    public override torch.Tensor Normalize(int layer, torch.Tensor features, torch.Tensor scale, torch.Tensor shift)
    {
        if (layer != _layers.Count)
        {
            throw new InvalidOperationException(
                $"Batch statistics are collected in one forward pass, layer by layer; expected layer {_layers.Count}, got {layer}.");
        }

        (torch.Tensor variance, torch.Tensor mean) = torch.var_mean(features.detach(), [0L, 2, 3], unbiased: false);
        _layers.Add((mean, variance));
        return OfBatch.Normalize(layer, features, scale, shift);
    }
}
