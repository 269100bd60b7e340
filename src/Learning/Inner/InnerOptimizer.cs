using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>
/// Which way the inner loop goes for a gradient, as a differentiable function of the gradient and of what it remembers.
/// Immutable; all it remembers is passed in and out.
/// </summary>
internal abstract class InnerOptimizer
{
    /// <summary>Along the gradient itself.</summary>
    public static InnerOptimizer Sgd { get; } = new GradientDescent();

    /// <summary>Remembered tensors per adapting tensor, each of its shape, zero at first.</summary>
    public abstract int Slots { get; }

    /// <summary>The direction for one tensor, before the rate.</summary>
    /// <param name="gradient">Of the support loss.</param>
    /// <param name="slots">What was remembered of this tensor.</param>
    /// <param name="innerStep">From 0.</param>
    /// <returns>The direction, and what to remember: fresh tensors in the caller's dispose scope, or the gradient itself.</returns>
    public abstract (torch.Tensor Direction, torch.Tensor[] Slots) Direct(torch.Tensor gradient, ReadOnlySpan<torch.Tensor> slots, int innerStep);

    private sealed class GradientDescent : InnerOptimizer
    {
        public override int Slots => 0;

        public override (torch.Tensor Direction, torch.Tensor[] Slots) Direct(
            torch.Tensor gradient, ReadOnlySpan<torch.Tensor> slots, int innerStep) => (gradient, []);
    }
}
