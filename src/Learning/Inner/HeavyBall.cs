using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>Heavy-ball momentum as in PyTorch: b_k = momentum · b_(k-1) + gradient, with b_(-1) = 0; the direction is b_k.</summary>
/// <param name="momentum">0 to below 1.</param>
internal sealed class HeavyBall(double momentum) : InnerOptimizer
{
    /// <inheritdoc />
    public override int Slots => 1;

    /// <inheritdoc />
    public override (torch.Tensor Direction, torch.Tensor[] Slots) Direct(
        torch.Tensor gradient, ReadOnlySpan<torch.Tensor> slots, int innerStep)
    {
        using Scalar factor = momentum;
        torch.Tensor velocity = torch.add(gradient, slots[0], factor);
        return (velocity, [velocity]);
    }
}
