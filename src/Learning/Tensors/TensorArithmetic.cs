using TorchSharp;

namespace MetaMap.Learning.Tensors;

/// <summary>
/// Sums and multiples that keep their scalars alive until libtorch has read them. TorchSharp itself does not keep a scalar
/// alive for that long, not even the hidden factor 1 of its own a + b.
/// </summary>
internal static class TensorArithmetic
{
    /// <summary>a + b.</summary>
    public static torch.Tensor Plus(this torch.Tensor left, torch.Tensor right)
    {
        using Scalar one = 1;
        return torch.add(left, right, one);
    }

    /// <summary>a + factor · b.</summary>
    public static torch.Tensor PlusMultiple(this torch.Tensor left, double factor, torch.Tensor right)
    {
        using Scalar held = factor;
        return torch.add(left, right, held);
    }

    /// <summary>a + number.</summary>
    public static torch.Tensor PlusNumber(this torch.Tensor tensor, double number)
    {
        using Scalar one = 1;
        using Scalar held = number;
        return tensor.add(held, one);
    }

    /// <summary>a · a; TorchSharp's own square passes an exponent that nothing keeps alive.</summary>
    public static torch.Tensor Squared(this torch.Tensor tensor) => tensor.mul(tensor);

    /// <summary>factor · a.</summary>
    public static torch.Tensor Times(this torch.Tensor tensor, double factor)
    {
        using Scalar held = factor;
        return tensor.mul(held);
    }
}
