using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>
/// The direction of an inner step, as a differentiable function of the gradient and of the optimiser's state. Immutable; the
/// state is passed in and out.
/// </summary>
internal abstract class InnerOptimizer
{
    /// <summary>Gradient descent: the direction is the gradient itself.</summary>
    public static InnerOptimizer Sgd { get; } = new GradientDescent();

    /// <summary>Number of state tensors per adapting tensor, each of its shape, zero at first.</summary>
    public abstract int Slots { get; }

    /// <summary>The direction for one tensor, before the rate.</summary>
    /// <param name="gradient">Gradient of the support loss.</param>
    /// <param name="slots">The state of this tensor.</param>
    /// <param name="innerStep">From 0.</param>
    /// <returns>The direction and the new state: fresh tensors in the caller's dispose scope, or the gradient itself.</returns>
    public abstract (torch.Tensor Direction, torch.Tensor[] Slots) Direct(torch.Tensor gradient, ReadOnlySpan<torch.Tensor> slots, int innerStep);

    private sealed class GradientDescent : InnerOptimizer
    {
        public override int Slots => 0;

        public override (torch.Tensor Direction, torch.Tensor[] Slots) Direct(
            torch.Tensor gradient, ReadOnlySpan<torch.Tensor> slots, int innerStep) => (gradient, []);
    }
}
