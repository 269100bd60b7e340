using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Testing;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>Where two algorithms of the family must agree, in float64.</summary>
public sealed class IdentityTests
{
    [Fact]
    public void Anil_WholeNetworkAsHead_EqualsMaml()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var schema = new ParameterSchema([new ParameterDefinition("head.weight", Initializers.Zeros, ParameterRole.Head, 4)]);
        EpisodeProblem problem = LossProblem.Of(p => p[0].sin().sum() + p[0].prod(), p => p[0].cos().sum(), schema);
        torch.Tensor[] theta = [RandomTensors.Gaussian(1, 4).detach().requires_grad_()];
        MetaGradient anil = FamilyProblem.Create("anil", 3).Differentiate(theta, problem, 1);
        MetaGradient maml = FamilyProblem.Create("maml", 3).Differentiate(theta, problem, 1);
        Assert.Equal(maml.Gradient[0].data<double>().ToArray(), anil.Gradient[0].data<double>().ToArray());
    }

    [Theory]
    [InlineData("conv4")]
    [InlineData("cnn")]
    public void Boil_AnyNetwork_AdaptsTheComplementOfAnil(string name)
    {
        IModel model = Specs.Of(name, new ImageShape(1, 16, 16), 3, 4).CreateModel(Here.Convolution);
        int[] head = [.. AdaptingParameters.Of(model, ParameterRole.Head)];
        int[] body = [.. AdaptingParameters.Of(model, ParameterRole.Body)];
        Assert.Equal(2, head.Length);
        Assert.Equal(Enumerable.Range(0, model.Schema.Definitions.Length), [.. body, .. head]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void MamlPlusPlus_EqualRatesAndLastStepAlone_EqualsMaml(int innerSteps)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var maml = new FamilyProblem("maml", "cnn", innerSteps);
        IReadOnlyList<torch.Tensor> rates = [.. maml.Theta.Select(_ => torch.full(innerSteps, 0.2, dtype: torch.float64, requires_grad: true))];
        MetaGradient learned = new MamlPlusPlus(new InnerLoop(0.2, innerSteps)).Differentiate([.. maml.Theta, .. rates], maml.Episode, 1);
        AssertClose(maml.Differentiate().Gradient, learned.Gradient);
    }

    [Fact]
    public void MetaSgd_EqualRates_EqualsMaml()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var maml = new FamilyProblem("maml", "conv4-stride", 2);
        IReadOnlyList<torch.Tensor> rates = [.. maml.Theta.Select(weights => torch.full_like(weights, 0.2).detach().requires_grad_())];
        AssertClose(maml.Differentiate().Gradient, FamilyProblem.Create("meta-sgd", 2).Differentiate([.. maml.Theta, .. rates], maml.Episode, 1).Gradient);
    }

    [Fact]
    public void MetaSgd_OneStep_GivesRatesMinusTheProductOfTheGradients()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor weights = RandomTensors.Gaussian(1, 4).detach().requires_grad_();
        torch.Tensor rates = (0.1 * RandomTensors.Gaussian(2, 4)).detach().requires_grad_();
        MetaGradient result = FamilyProblem.Create("meta-sgd", 1).Differentiate(
            [weights, rates], LossProblem.Of(p => p[0].sin().sum(), p => p[0].pow(3).sum() / 3), 1);
        torch.Tensor support = weights.detach().cos();
        torch.Tensor adapted = weights.detach() - rates.detach() * support;
        Assert.True(result.Gradient[1].allclose(-support * adapted.square(), 1e-13, 1e-13));
        Assert.True(result.Gradient[0].allclose((1 + rates.detach() * weights.detach().sin()) * adapted.square(), 1e-13, 1e-13));
    }

    private static void AssertClose(IReadOnlyList<torch.Tensor> expected, IReadOnlyList<torch.Tensor> actual)
    {
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.True(expected[i].allclose(actual[i], 1e-10, 1e-13), $"tensor {i}");
        }
    }
}
