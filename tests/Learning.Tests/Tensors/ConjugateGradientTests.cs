using MetaMap.Learning.Tensors;
using MetaMap.Learning.Tests.Algorithms;
using TorchSharp;

namespace MetaMap.Learning.Tests.Tensors;

public sealed class ConjugateGradientTests
{
    [Fact]
    public void Solve_AsManyStepsAsDimensions_IsExact()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor root = RandomTensors.Gaussian(1, 6, 6);
        torch.Tensor matrix = root.matmul(root.t()) + torch.eye(6, dtype: torch.float64);
        torch.Tensor right = RandomTensors.Gaussian(2, 6);
        // One vector in two tensors of different shapes.
        IReadOnlyList<torch.Tensor> Product(IReadOnlyList<torch.Tensor> v) => Split(matrix.matmul(torch.cat([v[0].flatten(), v[1]])));

        torch.Tensor[] solution = ConjugateGradient.Solve(Product, Split(right), steps: 6);
        Gradients64.AssertClose(Split(torch.linalg.solve(matrix, right.unsqueeze(1)).squeeze(1)), solution, 1e-10);
        Gradients64.AssertClose(solution, ConjugateGradient.Solve(Product, Split(right), steps: 60), 1e-10);
    }

    // A = diag(1, 3), b = (1, 1): the first step has length 2 / 4.
    [Fact]
    public void Solve_OneStep_IsSteepestDescent()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor diagonal = torch.tensor(new double[] { 1, 3 });
        torch.Tensor[] solution = ConjugateGradient.Solve(v => [v[0].mul(diagonal)], [torch.ones(2, dtype: torch.float64)], steps: 1);
        Assert.Equal([0.5, 0.5], Gradients64.Flat(solution));
    }

    [Fact]
    public void Solve_NotPositive_StaysAtTheRightSide()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor right = torch.tensor(new double[] { 1, -2 });
        Assert.Equal([1, -2], Gradients64.Flat(ConjugateGradient.Solve(v => [v[0].neg()], [right], steps: 5)));
    }

    [Fact]
    public void Solve_NothingOnTheRight_IsZero()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Assert.Equal([0, 0], Gradients64.Flat(ConjugateGradient.Solve(v => v, [torch.zeros(2, dtype: torch.float64)], steps: 5)));
    }

    [Fact]
    public void Solve_NotANumber_IsNotHidden()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor right = torch.tensor(new[] { double.NaN, 1 });
        Assert.All(Gradients64.Flat(ConjugateGradient.Solve(v => v, [right], steps: 5)), value => Assert.True(double.IsNaN(value)));
    }

    private static torch.Tensor[] Split(torch.Tensor vector) => [vector.narrow(0, 0, 4).reshape(2, 2), vector.narrow(0, 4, 2)];
}
