using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// One offset [features] before an affine head with slope W: outputs head(f(x) + theta). The closed form minimises the
/// sum over support examples of |r - W theta|² + ridge · |theta|² with residuals r = y - head(f(x)), in its dual form:
/// theta = W' (n W W' + ridge I)^-1 (sum of r), a system of the size of the outputs.
/// </summary>
internal sealed class HeadOffset : OffsetForm
{
    /// <inheritdoc />
    public override long[] Shape(EpisodeProblem problem, torch.Tensor supportFeatures) => [supportFeatures.shape[^1]];

    /// <inheritdoc />
    public override torch.Tensor Outputs(
        EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor features, torch.Tensor offset) =>
        problem.Model.Head(metaParameters, features.Plus(problem.Tasks is null ? offset : offset.unsqueeze(1)));

    /// <inheritdoc />
    public override torch.Tensor Solve(
        EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor supportFeatures, double ridge)
    {
        torch.Tensor residuals = problem.Data.SupportTargets.sub(problem.Model.Head(metaParameters, supportFeatures));
        torch.Tensor slope = Slope(problem, metaParameters, supportFeatures);                  // W' [features, outputs]
        torch.Tensor identity = torch.eye(slope.shape[1], dtype: slope.dtype, device: slope.device);
        torch.Tensor system = slope.t().matmul(slope).Times(residuals.shape[^2]).PlusMultiple(ridge, identity);
        return slope.matmul(torch.linalg.solve(system, residuals.sum([-2]).unsqueeze(-1))).squeeze(-1);
    }

    /// <inheritdoc />
    public override torch.Tensor[] Head(EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor offset)
    {
        torch.Tensor one = offset.unsqueeze(0);
        return [Slope(problem, metaParameters, one).t().contiguous(), problem.Model.Head(metaParameters, one).squeeze(0)];
    }

    // The slope from the head's own answers to unit features, so that it does not matter how its parameters are laid out.
    private static torch.Tensor Slope(EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor features)
    {
        torch.Tensor units = torch.eye(features.shape[^1], dtype: features.dtype, device: features.device);
        return problem.Model.Head(metaParameters, units).sub(problem.Model.Head(metaParameters, torch.zeros_like(units).detach()));
    }
}
