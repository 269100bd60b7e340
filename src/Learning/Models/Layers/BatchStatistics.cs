using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>
/// What batch norm normalises by. Transductive: <see cref="OfBatch"/>, as always in training. Inductive: a
/// <see cref="CollectedStatistics"/> sees the support set once, and its statistics normalise the query set.
/// </summary>
public abstract class BatchStatistics
{
    /// <summary>Added to the variance, as in PyTorch.</summary>
    protected const double Epsilon = 1e-5;

    /// <summary>Each batch is normalised by its own mean and (biased) variance, so its images see each other.</summary>
    public static BatchStatistics OfBatch { get; } = new StatisticsOfBatch();

    /// <summary>Batch norm of one layer.</summary>
    /// <param name="layer">Position of the layer among the network's batch-norm layers, from 0.</param>
    /// <param name="features">[images, channels, height, width].</param>
    /// <param name="scale">[channels].</param>
    /// <param name="shift">[channels].</param>
    /// <returns>A tensor of the shape of <paramref name="features"/>.</returns>
    public abstract torch.Tensor Normalize(int layer, torch.Tensor features, torch.Tensor scale, torch.Tensor shift);

    private sealed class StatisticsOfBatch : BatchStatistics
    {
        public override torch.Tensor Normalize(int layer, torch.Tensor features, torch.Tensor scale, torch.Tensor shift) =>
            torch.nn.functional.batch_norm(features, null!, null!, scale, shift, training: true, eps: Epsilon);
    }
}
