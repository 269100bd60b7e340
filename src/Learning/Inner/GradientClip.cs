using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>Scales down gradients whose Euclidean norm, over all tensors of a task together, is above a limit; differentiable.</summary>
internal static class GradientClip
{
    /// <summary>The gradients themselves where there is no limit or they are within it; otherwise g · limit / |g|.</summary>
    /// <param name="gradient">Of one task, or of several side by side: [tasks, …].</param>
    /// <param name="limit">Above 0; null for none.</param>
    /// <param name="tasks">How many tasks; null for a single one.</param>
    public static IReadOnlyList<torch.Tensor> Apply(IReadOnlyList<torch.Tensor> gradient, double? limit, long? tasks = null)
    {
        if (limit is null)
        {
            return gradient;
        }

        if (tasks is not null)
        {
            return EachTask(gradient, limit.Value, tasks.Value);
        }

        torch.Tensor norm = torch.stack(gradient.Select(tensor => tensor.Squared().sum())).sum().sqrt();
        if (!(norm.detach().to(torch.float64).item<double>() > limit))
        {
            return gradient;
        }

        using Scalar longest = limit.Value;
        torch.Tensor factor = norm.reciprocal().mul(longest);
        return [.. gradient.Select(tensor => tensor.mul(factor))];
    }

    // The factor of a task within the limit is a constant 1: a root of its square must not be differentiated, which may be zero.
    private static IReadOnlyList<torch.Tensor> EachTask(IReadOnlyList<torch.Tensor> gradient, double limit, long tasks)
    {
        torch.Tensor square = torch.stack(gradient.Select(tensor => tensor.Squared().SumWithinTask(tasks))).sum([0]);
        using Scalar longest = limit;
        torch.Tensor isLong = square.detach().sqrt().to(torch.float64).gt(longest);
        torch.Tensor ones = torch.ones_like(square).detach();
        torch.Tensor factor = torch.where(isLong, torch.where(isLong, square, ones).sqrt().reciprocal().mul(longest), ones);   // [tasks]
        return [.. gradient.Select(tensor => tensor.mul(factor.reshape([tasks, .. Enumerable.Repeat(1L, (int)tensor.dim() - 1)])))];
    }
}
