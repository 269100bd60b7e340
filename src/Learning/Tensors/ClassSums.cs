using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Tensors;

/// <summary>Sums of features over the examples of each class.</summary>
/// <param name="Sums">[classes, features].</param>
/// <param name="Counts">Examples of each class [classes, 1], of the features' dtype.</param>
internal sealed record ClassSums(torch.Tensor Sums, torch.Tensor Counts)
{
    /// <summary>Sums the features of each class.</summary>
    /// <param name="features">[examples, features].</param>
    /// <param name="labels">int64 [examples], every class at least once.</param>
    public static ClassSums Of(torch.Tensor features, torch.Tensor labels)
    {
        long classes = labels.max().item<long>() + 1;
        torch.Tensor membership = F.one_hot(labels, classes).to(features.dtype);               // [examples, classes]
        return new ClassSums(membership.t().matmul(features), membership.sum(0L).unsqueeze(1));
    }

    /// <summary>Negative squared Euclidean distances [inputs, points] of features [inputs, features] to points [points, features].</summary>
    public static torch.Tensor Nearness(torch.Tensor features, torch.Tensor points) =>
        features.unsqueeze(1).sub(points.unsqueeze(0)).Squared().sum(2).neg();
}
