using TorchSharp;

namespace MetaMap.Learning.Tensors;

/// <summary>Vectors of length one.</summary>
internal static class UnitLength
{
    private const double ShortestSquare = 1e-12;

    /// <summary>Vectors [..., size] over their Euclidean lengths; those of less than 1e-6, such as zero, are as good as zero.</summary>
    public static torch.Tensor OfLengthOne(this torch.Tensor vectors)
    {
        using Scalar shortest = ShortestSquare;
        return vectors.div(vectors.Squared().sum(-1, keepdim: true).clamp_min(shortest).sqrt());
    }
}
