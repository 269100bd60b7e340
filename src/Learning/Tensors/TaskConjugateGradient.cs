using TorchSharp;

namespace MetaMap.Learning.Tensors;

/// <summary>As <see cref="ConjugateGradient"/>, for tasks side by side: each stops by itself, and nothing is read back.</summary>
internal static class TaskConjugateGradient
{
    /// <summary>As <see cref="Solve(Func{torch.Tensor, torch.Tensor}, torch.Tensor, int)"/>, where a vector is a list of tensors [tasks, …].</summary>
    public static torch.Tensor[] Solve(
        Func<IReadOnlyList<torch.Tensor>, IReadOnlyList<torch.Tensor>> product, IReadOnlyList<torch.Tensor> right, long tasks, int steps)
    {
        long[] lengths = [.. right.Select(tensor => tensor.numel() / tasks)];
        return Parts(Solve(direction => Flat(product(Parts(direction))), Flat(right), steps));

        torch.Tensor Flat(IEnumerable<torch.Tensor> parts) => torch.cat([.. parts.Select(part => part.reshape(tasks, -1))], 1);

        torch.Tensor[] Parts(torch.Tensor flat) => [.. flat.split(lengths, 1).Select((part, i) => part.reshape(right[i].shape))];
    }

    /// <summary>The solutions of A x = b after some steps from x = 0.</summary>
    /// <param name="product">v ↦ A v, both [tasks, length].</param>
    /// <param name="right">b, [tasks, length].</param>
    /// <param name="steps">Most steps, 1 or more; fewer where b is solved exactly or A is not positive along a direction.</param>
    /// <returns>[tasks, length]; b itself where A is not positive along b.</returns>
    public static torch.Tensor Solve(Func<torch.Tensor, torch.Tensor> product, torch.Tensor right, int steps)
    {
        torch.Tensor residual = right;
        torch.Tensor direction = right;
        torch.Tensor solution = torch.zeros_like(right);
        torch.Tensor residualSquare = Dot(residual, residual);                     // float64 [tasks, 1]
        torch.Tensor zero = torch.zeros_like(residualSquare);
        torch.Tensor goesOn = residualSquare.ne(zero);
        for (int step = 0; step < steps; step++)
        {
            torch.Tensor image = product(direction);
            torch.Tensor curvature = Dot(direction, image);
            // NaN goes on, so that it is seen.
            torch.Tensor isPositive = curvature.le(zero).logical_not();
            solution = step == 0 ? torch.where(goesOn.logical_and(isPositive.logical_not()), right, solution) : solution;
            goesOn = goesOn.logical_and(isPositive);
            torch.Tensor length = residualSquare.div(curvature).to(right.dtype);
            solution = torch.where(goesOn, solution.Plus(direction.mul(length)), solution);
            residual = torch.where(goesOn, residual.sub(image.mul(length)), residual);
            torch.Tensor before = residualSquare;
            residualSquare = Dot(residual, residual);
            direction = torch.where(goesOn, residual.Plus(direction.mul(residualSquare.div(before).to(right.dtype))), direction);
            goesOn = goesOn.logical_and(residualSquare.ne(zero));
        }

        return solution;
    }

    private static torch.Tensor Dot(torch.Tensor left, torch.Tensor right) => left.mul(right).sum([1], keepdim: true).to(torch.float64);
}
