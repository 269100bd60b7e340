using MetaMap.Core.Options;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

public sealed class ImamlTests
{
    // Support loss 3(w-2)²/2, query loss (w-1)²/2, lambda 1, from 6: the optimum of 3(w-2)²/2 + (w-6)²/2 is 3, which a
    // step at rate 1/4 reaches; g = 2 there, and (1 + 3)^-1 · 2 = 1/2.
    [Fact]
    public void Differentiate_OneParameter_FollowsTheHandCalculation()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor half = torch.tensor(0.5, dtype: torch.float64);
        EpisodeProblem problem = LossProblem.Of(
            w => (w[0] - torch.tensor(2.0)).square().sum() * half * torch.tensor(3.0),
            w => (w[0] - torch.tensor(1.0)).square().sum() * half,
            LossProblem.OneParameter(1));
        MetaGradient result = Gradients64.Of(
            new Imaml(new InnerLoop(0.25, 1), 1, 5), [torch.tensor(new[] { 6.0 }, requires_grad: true)], problem);
        Assert.Equal(2, result.QueryLoss.item<double>());
        Assert.Equal(0.5, result.Gradient[0].item<double>(), 1e-14);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(4)]
    public void Differentiate_Quadratic_IsTheExactSolveAtTheProximalOptimum(double strength)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor hessian = SymmetricPositive(11);
        torch.Tensor queryHessian = SymmetricPositive(12);
        torch.Tensor supportOptimum = RandomTensors.Gaussian(13, 4);
        torch.Tensor queryOptimum = RandomTensors.Gaussian(14, 4);
        torch.Tensor theta = RandomTensors.Gaussian(15, 4).requires_grad_();
        EpisodeProblem problem = LossProblem.Of(
            w => Quadratic(w[0] - supportOptimum, hessian), w => Quadratic(w[0] - queryOptimum, queryHessian));

        MetaGradient result = Gradients64.Of(new Imaml(new InnerLoop(0.05, 3000), strength, 8), [theta], problem);

        torch.Tensor identity = torch.eye(4, dtype: torch.float64);
        torch.Tensor optimum = Solve(hessian + identity * strength, hessian.matmul(supportOptimum) + theta.detach() * strength);
        torch.Tensor expected = Solve(identity + hessian / strength, queryHessian.matmul(optimum - queryOptimum));
        Gradients64.AssertClose([expected], result.Gradient, 1e-9);
    }

    // With a strong pull the inner loop ends at the proximal optimum, where the implicit gradient is the true one.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Differentiate_RealNetworkAtItsOptimum_AgreesWithFiniteDifferences(bool isRegression)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(OptionValues.Of(("algorithm", "imaml"), ("model", "conv4-stride")), isRegression);
        var imaml = new Imaml(new InnerLoop(0.003, 50), 200, 40);
        MetaGradient result = Gradients64.Of(imaml, episode.Theta, episode.Problem);
        Gradients64.AssertAreDifferences(
            episode.Theta, result.Gradient, () => Adapted.QueryLoss(imaml, episode.Theta, episode.Problem, 50), coordinates: 6);
    }

    [Fact]
    public void Differentiate_VeryStrongPull_IsTheQueryGradientAtTheMetaParameters()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(OptionValues.Of(("algorithm", "imaml"), ("model", "conv4-stride")));
        MetaGradient result = Gradients64.Of(new Imaml(new InnerLoop(1e-13, 5), 1e12, 5), episode.Theta, episode.Problem);
        torch.Tensor loss = episode.Problem.QueryLoss(episode.Problem.QueryOutputs(episode.Theta));
        Gradients64.AssertClose([.. torch.autograd.grad([loss], episode.Theta)], result.Gradient, 1e-8);
    }

    [Fact]
    public void Adapt_ManySteps_MeasuresWithoutThePull()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LossProblem.Of(
            w => (w[0] - torch.tensor(2.0)).square().sum(), w => w[0].sum(), LossProblem.OneParameter(1));
        // 2(w-2) + 2(w-6) is zero at 4.
        torch.Tensor[] outputs = Adapted.QueryOutputs(
            new Imaml(new InnerLoop(0.25, 1), 2, 5), [torch.tensor(new[] { 6.0 }, requires_grad: true)], problem, innerSteps: 2);
        Assert.Equal([6, 4, 4], outputs.Select(output => output.item<double>()));
    }

    private static torch.Tensor Quadratic(torch.Tensor offset, torch.Tensor hessian) =>
        offset.dot(hessian.matmul(offset)) * torch.tensor(0.5, dtype: torch.float64);

    private static torch.Tensor Solve(torch.Tensor matrix, torch.Tensor right) => torch.linalg.solve(matrix, right.unsqueeze(1)).squeeze(1);

    private static torch.Tensor SymmetricPositive(long seed)
    {
        torch.Tensor root = RandomTensors.Gaussian(seed, 4, 4);
        return root.matmul(root.t()) + torch.eye(4, dtype: torch.float64);
    }
}
