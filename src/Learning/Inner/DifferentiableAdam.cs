using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>Adam with the values of Kingma and Ba 2015, algorithm 1 (0.9, 0.999, 1e-8), differentiable through both moments.</summary>
/// <remarks>Deviation: where the second moment is exactly zero, its root has derivative zero instead of infinity; values are the paper's.</remarks>
internal sealed class DifferentiableAdam : InnerOptimizer
{
    private const double MeanDecay = 0.9;
    private const double SquareDecay = 0.999;
    private const double Epsilon = 1e-8;

    /// <inheritdoc />
    public override int Slots => 2;

    /// <inheritdoc />
    public override (torch.Tensor Direction, torch.Tensor[] Slots) Direct(
        torch.Tensor gradient, ReadOnlySpan<torch.Tensor> slots, int innerStep)
    {
        // Held until all is done: TorchSharp does not keep a scalar alive while libtorch reads it.
        using Scalar meanDecay = MeanDecay;
        using Scalar meanShare = 1 - MeanDecay;
        using Scalar squareDecay = SquareDecay;
        using Scalar squareShare = 1 - SquareDecay;
        using Scalar meanCorrection = 1 / (1 - Math.Pow(MeanDecay, innerStep + 1));
        using Scalar squareCorrection = 1 / (1 - Math.Pow(SquareDecay, innerStep + 1));
        torch.Tensor mean = torch.add(slots[0].mul(meanDecay), gradient, meanShare);
        torch.Tensor square = torch.add(slots[1].mul(squareDecay), gradient.Squared(), squareShare);
        torch.Tensor root = RootOrZero(square.mul(squareCorrection));
        return (mean.mul(meanCorrection).div(root.PlusNumber(Epsilon)), [mean, square]);
    }

    // Both branches of the outer choice must have finite derivatives: infinity times zero would be NaN.
    private static torch.Tensor RootOrZero(torch.Tensor square)
    {
        torch.Tensor zeros = torch.zeros_like(square);
        torch.Tensor isPositive = square.greater(zeros);
        return torch.where(isPositive, torch.where(isPositive, square, torch.ones_like(square)).sqrt(), zeros);
    }
}
