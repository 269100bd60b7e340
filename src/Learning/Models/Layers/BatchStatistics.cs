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
    /// <param name="features">[images, channels, height, width] or [tasks, images, channels, height, width].</param>
    /// <param name="scale">[channels] or [tasks, channels].</param>
    /// <param name="shift">[channels] or [tasks, channels].</param>
    /// <returns>A tensor of the shape of <paramref name="features"/>.</returns>
    public abstract torch.Tensor Normalize(int layer, torch.Tensor features, torch.Tensor scale, torch.Tensor shift);

    private sealed class StatisticsOfBatch : BatchStatistics
    {
        public override torch.Tensor Normalize(int layer, torch.Tensor features, torch.Tensor scale, torch.Tensor shift)
        {
            if (features.dim() < 5)
            {
                return torch.nn.functional.batch_norm(features, null!, null!, scale, shift, training: true, eps: Epsilon);
            }

            // The channels of all tasks beside each other, each with the pixels of all its images.
            (long tasks, long channels) = (features.shape[0], features.shape[2]);
            torch.Tensor byChannel = features.transpose(1, 2);
            return torch.nn.functional.batch_norm(
                byChannel.reshape(1, tasks * channels, -1), null!, null!, OfEachTask(scale), OfEachTask(shift), training: true, eps: Epsilon)
                .reshape(byChannel.shape).transpose(1, 2);

            torch.Tensor OfEachTask(torch.Tensor values) => values.expand(tasks, channels).reshape(-1);
        }
    }
}
