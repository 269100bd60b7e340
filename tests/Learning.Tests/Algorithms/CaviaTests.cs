using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

public sealed class CaviaTests
{
    private static readonly OptionValues _options = OptionValues.Of(("algorithm", "cavia"), ("context_size", 5));

    [Theory]
    [InlineData("conv4-stride", false, false)]
    [InlineData("conv4-stride", false, true)]
    [InlineData("conv4", false, false)]
    [InlineData("cnn", false, false)]
    [InlineData("cnn", true, false)]
    public void Differentiate_RealNetwork_AgreesWithFiniteDifferences(string model, bool isRegression, bool recompute)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", model)), isRegression);
        var cavia = new Cavia(new InnerLoop(0.2, 3) { Recompute = recompute });
        MetaGradient result = Gradients64.Of(cavia, episode.Theta, episode.Problem);
        Gradients64.AssertAreDifferences(
            episode.Theta, result.Gradient, () => Adapted.QueryLoss(cavia, episode.Theta, episode.Problem, 3));
    }

    [Fact]
    public void Parameters_Layout_EndsWithTheMapOfTheContext()
    {
        var episode = new SmoothEpisode(_options.With(("model", "conv4-stride")));
        ParameterSchema schema = episode.Schema;
        Assert.Equal(
            ["head.bias [3]", "context.weight [8, 5]", "context.bias [8]"], schema.Layout.Entries[^3..].Select(entry => entry.ToString()));
        Assert.All(schema.Definitions[^2..], definition => Assert.Equal(ParameterRole.Rule, definition.Role));
        ParameterVector first = schema.Initialize(1);
        Assert.DoesNotContain(0, first[first.Layout.Entries.Length - 2].ToArray());
        Assert.All(first[first.Layout.Entries.Length - 1].ToArray(), value => Assert.Equal(0, value));
    }

    // Channels (2, 3) of one input, context (1, -1): gamma = (1·1 - 0·1, 2 - 1) + (0, 1) = (1, 2), beta = (0 - 1, 0) + (0, 5) = (-1, 5).
    [Fact]
    public void Modulate_TwoChannels_FollowsTheHandCalculation()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor weight = torch.tensor(new double[] { 1, 0, 2, 1, 0, 1, 3, 3 }).reshape(4, 2);
        torch.Tensor bias = torch.tensor(new double[] { 0, 1, 0, 5 });
        torch.Tensor context = torch.tensor(new double[] { 1, -1 });
        torch.Tensor hidden = torch.tensor(new double[] { 2, 3 });
        Assert.Equal([3, 14], Gradients64.Flat([Film.Modulate(hidden.reshape(1, 2), Film.Of(context, weight, bias), hasTasks: false)]));
        Assert.Equal([3, 14], Gradients64.Flat([Film.Modulate(hidden.reshape(1, 2, 1, 1), Film.Of(context, weight, bias), hasTasks: false)]));
    }

    // One input 2 modulated, weight w = 3, map (gamma, beta) = (0.5 phi, phi): output 3 (2 + phi + phi) = 6 + 6 phi.
    // Support loss (6 + 6 phi - 12)² has slope -72 at 0: at rate 1/144 phi = 1/2, output 9.
    [Fact]
    public void Adapt_LinearNetwork_MovesTheContextAlone()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearNetwork.Problem([2], [12], [2], [9]);
        torch.Tensor[] theta =
        [
            .. LinearNetwork.Theta(3), torch.tensor(new[] { 0.5, 1 }).reshape(2, 1).requires_grad_(),
            torch.zeros(2, dtype: torch.float64, requires_grad: true),
        ];
        var cavia = new Cavia(new InnerLoop(1.0 / 144, 1));
        Assert.Equal([6, 9], Gradients64.Flat(Adapted.QueryOutputs(cavia, theta, problem, innerSteps: 1)));
        MetaGradient result = Gradients64.Of(cavia, theta, problem);
        Assert.Equal(9, result.QueryOutputs.item<double>(), 1e-12);
        Assert.Equal(theta.Select(tensor => tensor.shape), result.Gradient.Select(tensor => tensor.shape));
    }

    [Fact]
    public void Adapt_NoSteps_IsTheNetworkItself()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", "cnn")));
        torch.Tensor[] theta = [.. episode.Theta[..^1], torch.zeros_like(episode.Theta[^1]).detach().requires_grad_()];
        torch.Tensor[] outputs = Adapted.QueryOutputs(new Cavia(new InnerLoop(1, 1)), theta, episode.Problem, innerSteps: 0);
        Gradients64.AssertClose([episode.Problem.QueryOutputs(theta, ForwardPass.Transductive)], outputs);
    }

    [Fact]
    public void Differentiate_Recomputed_IsTheSameGradient()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", "conv4-stride")));
        Gradients64.AssertClose(
            Gradients64.Of(new Cavia(new InnerLoop(0.5, 4)), episode.Theta, episode.Problem).Gradient,
            Gradients64.Of(new Cavia(new InnerLoop(0.5, 4) { Recompute = true }), episode.Theta, episode.Problem).Gradient);
    }
}
