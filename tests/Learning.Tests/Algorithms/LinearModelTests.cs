using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>The exact example of docs/NUMERICS: w = [2, 3, 5], loss y²/2, support x = [1, 2, 3], rate 0.5, query x = [4, 5, 6].</summary>
public sealed class LinearModelTests
{
    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.Float64)]
    public void Maml_LinearModel_GivesExactSecondOrderGradient(torch.ScalarType dtype) =>
        Check(MamlVariant.Maml.Create(new InnerLoop(0.5, 1)), dtype, [3780, 8505, 13230]);

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.Float64)]
    public void Fomaml_LinearModel_GivesExactFirstOrderGradient(torch.ScalarType dtype) =>
        Check(MamlVariant.Fomaml.Create(new InnerLoop(0.5, 1)), dtype, [-1260, -1575, -1890]);

    [Fact]
    public void Adapt_LinearModel_GivesExactFastWeights()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LossProblem.Of(Loss(torch.tensor(new double[] { 1, 2, 3 })), parameters => parameters[0]);
        torch.Tensor[] fast = Adapted.QueryOutputs(MamlVariant.Maml.Create(new InnerLoop(0.5, 7)), Theta(torch.float64), problem, innerSteps: 1);
        Assert.Equal([2, 3, 5], fast[0].data<double>().ToArray());
        Assert.Equal([-9.5, -20, -29.5], fast[1].data<double>().ToArray());
    }

    private static void Check(MamlFamily algorithm, torch.ScalarType dtype, double[] expectedGradient)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] theta = Theta(dtype);
        ParameterLoss support = Loss(torch.tensor(new double[] { 1, 2, 3 }).to(dtype));
        ParameterLoss query = Loss(torch.tensor(new double[] { 4, 5, 6 }).to(dtype));
        double supportLoss = double.NaN;

        EpisodeProblem problem = LossProblem.Of(parameters =>
        {
            torch.Tensor loss = support(parameters);
            supportLoss = loss.detach().to(torch.float64).item<double>();
            return loss;
        }, query);
        MetaGradient result = algorithm.Differentiate(theta, problem, iteration: 1);

        Assert.Equal(264.5, supportLoss);
        Assert.Equal(49612.5, result.QueryLoss.to(torch.float64).item<double>());
        Assert.Equal(expectedGradient, result.Gradient[0].to(torch.float64).data<double>().ToArray());
        Assert.Equal([2, 3, 5], theta[0].detach().to(torch.float64).data<double>().ToArray());
    }

    private static torch.Tensor[] Theta(torch.ScalarType dtype) =>
        [torch.tensor(new double[] { 2, 3, 5 }).to(dtype).detach().requires_grad_()];

    private static ParameterLoss Loss(torch.Tensor input) => parameters => parameters[0].dot(input).square() / 2;
}
