using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// An offset per class, [classes, features], with logits -|f(x) + theta_c|². The closed form minimises, for each class,
/// the sum of |f(x) + theta_c|² over its support examples + ridge · |theta_c|²: theta_c = -(sum of f(x)) / (examples + ridge).
/// </summary>
internal sealed class ClassOffsets : OffsetForm
{
    /// <inheritdoc />
    public override long[] Shape(EpisodeProblem problem, torch.Tensor supportFeatures) =>
        [problem.Data.SupportTargets.max().item<long>() + 1, supportFeatures.shape[^1]];

    /// <inheritdoc />
    public override torch.Tensor Outputs(
        EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor features, torch.Tensor offset) =>
        ClassSums.Nearness(features, offset.neg());

    /// <inheritdoc />
    public override torch.Tensor Solve(
        EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor supportFeatures, double ridge)
    {
        ClassSums classes = ClassSums.Of(supportFeatures, problem.Data.SupportTargets);
        return classes.Sums.div(classes.Counts.PlusNumber(ridge)).neg();
    }

    /// <inheritdoc />
    public override torch.Tensor[] Head(EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor offset) =>
        ClassSums.HeadOf(offset.neg());
}
