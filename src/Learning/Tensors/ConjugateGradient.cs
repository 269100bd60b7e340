using TorchSharp;

namespace MetaMap.Learning.Tensors;

/// <summary>
/// Solves A x = b for a symmetric positive matrix A that is given only by its products (Hestenes and Stiefel 1952;
/// Nocedal and Wright 2006, algorithm 5.2), from x = 0. A vector is a list of tensors.
/// </summary>
internal static class ConjugateGradient
{
    /// <summary>The solution after some steps, in the caller's dispose scope.</summary>
    /// <param name="product">v ↦ A v.</param>
    /// <param name="right">b.</param>
    /// <param name="steps">Most steps, 1 or more; fewer are taken where b is solved exactly or A is not positive along a direction.</param>
    /// <returns>x; b itself where A is not positive along b, the first direction.</returns>
    public static torch.Tensor[] Solve(
        Func<IReadOnlyList<torch.Tensor>, IReadOnlyList<torch.Tensor>> product, IReadOnlyList<torch.Tensor> right, int steps)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] residual = [.. right.Select(tensor => tensor.detach())];
        torch.Tensor[] direction = residual;
        torch.Tensor[] solution = [.. right.Select(tensor => torch.zeros_like(tensor).detach())];
        double residualSquare = Dot(residual, residual);
        for (int step = 0; step < steps && residualSquare != 0; step++)
        {
            IReadOnlyList<torch.Tensor> image = product(direction);
            double curvature = Dot(direction, image);
            if (curvature <= 0)
            {
                solution = step == 0 ? residual : solution;
                break;
            }

            double length = residualSquare / curvature;
            solution = Sum(solution, length, direction);
            residual = Sum(residual, -length, image);
            double before = residualSquare;
            residualSquare = Dot(residual, residual);
            direction = Sum(residual, residualSquare / before, direction);
        }

        return [.. solution.Select(tensor => tensor.MoveToOuterDisposeScope())];
    }

    private static double Dot(IReadOnlyList<torch.Tensor> left, IReadOnlyList<torch.Tensor> right)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return torch.stack(left.Select((tensor, i) => tensor.mul(right[i]).sum().to(torch.float64))).sum().item<double>();
    }

    private static torch.Tensor[] Sum(torch.Tensor[] left, double factor, IReadOnlyList<torch.Tensor> right) =>
        [.. left.Select((tensor, i) => tensor.PlusMultiple(factor, right[i]))];
}
