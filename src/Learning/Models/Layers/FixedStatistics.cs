using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>Normalises by given means and (biased) variances, as constants without gradient: inputs do not see each other.</summary>
/// <param name="layers">[channels] each, in the order in which the network calls its batch norms.</param>
internal sealed class FixedStatistics(IReadOnlyList<(torch.Tensor Mean, torch.Tensor Variance)> layers) : BatchStatistics
{
    /// <inheritdoc />
    public override torch.Tensor Normalize(int layer, torch.Tensor features, torch.Tensor scale, torch.Tensor shift) =>
        torch.nn.functional.batch_norm(features, layers[layer].Mean, layers[layer].Variance, scale, shift, training: false, eps: Epsilon);
}
