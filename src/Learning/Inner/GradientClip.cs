using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>Scales down gradients whose Euclidean norm, over all tensors together, is above a limit; differentiable.</summary>
internal static class GradientClip
{
    /// <summary>The gradients themselves where there is no limit or they are within it; otherwise g · limit / |g|.</summary>
    public static IReadOnlyList<torch.Tensor> Apply(IReadOnlyList<torch.Tensor> gradient, double? limit)
    {
        if (limit is null)
        {
            return gradient;
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
}
