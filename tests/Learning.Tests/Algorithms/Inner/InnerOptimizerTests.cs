using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms.Inner;

/// <summary>Inner optimisers against those of libtorch, and their derivatives against finite differences on a small smooth problem.</summary>
public sealed class InnerOptimizerTests
{
    private const int Steps = 4;

    [Theory]
    [InlineData("maml")]
    [InlineData("maml-momentum")]
    [InlineData("maml-adam")]
    public void Adapt_AnyOptimizer_FollowsLibtorch(string algorithm)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor theta = Theta();
        torch.Tensor[] fast = Adapted.QueryOutputs(
            FamilyProblem.Create(algorithm, 1), [theta], LossProblem.Of(Support, parameters => parameters[0]), Steps);

        var reference = new TorchSharp.Modules.Parameter(theta.detach().clone());
        using torch.optim.Optimizer optimizer = algorithm switch
        {
            "maml-adam" => torch.optim.Adam([reference], lr: 0.02),
            "maml-momentum" => torch.optim.SGD([reference], learningRate: 0.2, momentum: 0.7),
            _ => torch.optim.SGD([reference], learningRate: 0.2),
        };
        for (int step = 0; step < Steps; step++)
        {
            optimizer.zero_grad();
            Support([reference]).backward();
            optimizer.step();
            Assert.True(fast[step + 1].allclose(reference.detach(), 1e-9, 1e-12), $"step {step + 1}");
        }
    }

    [Theory]
    [InlineData("maml-momentum")]
    [InlineData("maml-adam")]
    [InlineData("maml-clip")]
    public void Differentiate_AnyOptimizerOrClip_AgreesWithFiniteDifferences(string algorithm)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        IMetaAlgorithm maml = FamilyProblem.Create(algorithm, Steps);
        EpisodeProblem problem = LossProblem.Of(Support, parameters => parameters[0].cos().sum() + parameters[0].square().sum());
        torch.Tensor theta = Theta();
        double[] exact = maml.Differentiate([theta], problem, iteration: 1).Gradient[0].data<double>().ToArray();
        double[] recomputed = FamilyProblem.Create(algorithm, Steps, recompute: true)
            .Differentiate([theta], problem, iteration: 1).Gradient[0].data<double>().ToArray();
        for (int i = 0; i < exact.Length; i++)
        {
            using torch.Tensor value = theta.detach()[i];
            value.add_(1e-6);
            double above = Adapted.QueryLoss(maml, [theta], problem, Steps);
            value.sub_(2e-6);
            double below = Adapted.QueryLoss(maml, [theta], problem, Steps);
            value.add_(1e-6);
            Assert.Equal(exact[i], (above - below) / 2e-6, 1e-6 * (1 + Math.Abs(exact[i])));
            Assert.Equal(exact[i], recomputed[i], 1e-12 * (1 + Math.Abs(exact[i])));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Differentiate_AdamAtAGradientOfZero_IsFinite(bool recompute)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] theta = [torch.zeros(4, dtype: torch.float32, requires_grad: true)];
        MetaGradient result = FamilyProblem.Create("maml-adam", 3, recompute).Differentiate(
            theta, LossProblem.Of(parameters => parameters[0].pow(4).sum(), parameters => parameters[0].sum()), iteration: 1);
        Assert.Equal([1f, 1f, 1f, 1f], result.Gradient[0].data<float>().ToArray());
    }

    [Fact]
    public void Adapt_ClippedGradient_MovesByTheRateTimesTheLimit()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var maml = MamlVariant.Maml.Create(new InnerLoop(0.5, 1) { Clip = 2 });
        torch.Tensor[] theta = [torch.tensor(new[] { 3.0 }, requires_grad: true), torch.tensor(new[] { 4.0 }, requires_grad: true)];
        var schema = new ParameterSchema([.. new[] { "a", "b" }.Select(name => new ParameterDefinition(name, Initializers.Zeros, ParameterRole.Body, 1))]);
        torch.Tensor[] fast = Adapted.QueryOutputs(maml, theta, LossProblem.Of(
            parameters => (parameters[0].square() + parameters[1].square()).sum(),
            parameters => torch.cat([parameters[0], parameters[1]]), schema), 1);
        Assert.True(fast[1].allclose(torch.tensor(new[] { 3 - 0.6, 4 - 0.8 }), 1e-14, 1e-14));   // one norm over both tensors
    }

    private static torch.Tensor Theta() => torch.tensor(new[] { 0.9, -1.3, 0.4, 2.1 }, requires_grad: true);

    private static torch.Tensor Support(IReadOnlyList<torch.Tensor> parameters)
    {
        torch.Tensor shifted = parameters[0] - torch.tensor(new[] { 2.0, 0.5, -1, 1 });
        return (shifted.square() / 2 + (1.3 * parameters[0]).sin() * 0.3).sum() + 0.1 * parameters[0].prod();
    }
}
