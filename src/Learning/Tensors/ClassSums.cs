using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Tensors;

/// <summary>Sums of features over the examples of each class.</summary>
/// <param name="Sums">[classes, features], or with [tasks] before.</param>
/// <param name="Counts">Examples of each class [classes, 1], or with [tasks] before, of the features' dtype.</param>
internal sealed record ClassSums(torch.Tensor Sums, torch.Tensor Counts)
{
    /// <summary>Sums the features of each class.</summary>
    /// <param name="features">[examples, features], or with [tasks] before.</param>
    /// <param name="labels">int64 [examples], or with [tasks] before, every class at least once.</param>
    public static ClassSums Of(torch.Tensor features, torch.Tensor labels)
    {
        long classes = labels.max().item<long>() + 1;
        torch.Tensor membership = F.one_hot(labels, classes).to(features.dtype);               // [(tasks,) examples, classes]
        return new ClassSums(membership.mT.matmul(features), membership.sum([-2]).unsqueeze(-1));
    }

    /// <summary>Negative squared Euclidean distances [inputs, points] of features [inputs, features] to points [points, features], or all with [tasks] before.</summary>
    public static torch.Tensor Nearness(torch.Tensor features, torch.Tensor points) =>
        features.unsqueeze(-2).sub(points.unsqueeze(-3)).Squared().sum(-1).neg();

    /// <summary>
    /// Weight [points, features] and bias [points] of a linear head with the same probabilities as <see cref="Nearness"/>: -|f - p|² is 2 p·f - |p|² without -|f|², which
    /// all points have in common (Snell et al. 2017, section 2.4).
    /// </summary>
    public static torch.Tensor[] HeadOf(torch.Tensor points) => [points.Times(2), points.Squared().sum(-1).neg()];
}
