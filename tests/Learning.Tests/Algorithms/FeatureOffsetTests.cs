using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

public sealed class FeatureOffsetTests
{
    private static readonly OptionValues _options = OptionValues.Of(("algorithm", "feature-offset"));

    public static TheoryData<string, bool, string> Cases
    {
        get
        {
            var data = new TheoryData<string, bool, string>();
            foreach (string solver in (string[])[FeatureOffsetOptions.ClosedForm, FeatureOffsetOptions.Gradient])
            {
                data.Add("conv4-stride", false, solver);
                data.Add("cnn", false, solver);
                data.Add("cnn", true, solver);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Differentiate_RealNetwork_AgreesWithFiniteDifferences(string model, bool isRegression, string solver)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", model)), isRegression);
        FeatureOffset algorithm = solver == FeatureOffsetOptions.Gradient
            ? new FeatureOffset(null, new GradientOptions { InnerLr = 0.05, InnerSteps = 3 }, isRegression)
            : new FeatureOffset(new ClosedFormOptions { OffsetRidge = 0.5 }, null, isRegression);
        MetaGradient result = Gradients64.Of(algorithm, episode.Theta, episode.Problem);
        int steps = solver == FeatureOffsetOptions.Gradient ? 3 : 0;
        Assert.Equal(
            Adapted.QueryLoss(algorithm, episode.Theta, episode.Problem, steps), result.QueryLoss.item<double>(), 1e-12);
        Gradients64.AssertAreDifferences(
            episode.Theta, result.Gradient, () => Adapted.QueryLoss(algorithm, episode.Theta, episode.Problem, steps));
    }

    [Theory]
    [InlineData("conv4-stride")]
    [InlineData("cnn")]
    public void Differentiate_ClosedFormWithoutRidge_IsProtonet(string model)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", model)));
        MetaGradient offset = Gradients64.Of(ClosedForm(ridge: 0), episode.Theta, episode.Problem);
        MetaGradient protonet = Gradients64.Of(new Protonet(), episode.Theta, episode.Problem);
        Assert.Equal(Gradients64.Flat([protonet.QueryOutputs]), Gradients64.Flat([offset.QueryOutputs]));
        Gradients64.AssertClose(protonet.Gradient, offset.Gradient);
    }

    [Fact]
    public void Differentiate_ClosedFormWithRidge_IsNotProtonet()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", "cnn")));
        Assert.NotEqual(
            Gradients64.Flat([Gradients64.Of(new Protonet(), episode.Theta, episode.Problem).QueryOutputs]),
            Gradients64.Flat([Gradients64.Of(ClosedForm(ridge: 0.1), episode.Theta, episode.Problem).QueryOutputs]));
    }

    // y = 2 (x + theta), support (1, 4) and (2, 8): residuals 2 and 4, theta = 2·6 / (2·4 + ridge).
    [Theory]
    [InlineData(0, 1.5)]
    [InlineData(4, 1)]
    public void Differentiate_LinearHead_FollowsTheHandCalculation(double ridge, double offset)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearNetwork.Problem([1, 2], [4, 8], [5], [0]);
        torch.Tensor outputs = Gradients64.Of(new FeatureOffset(
            new ClosedFormOptions { OffsetRidge = ridge }, null, isRegression: true), LinearNetwork.Theta(2), problem).QueryOutputs;
        Assert.Equal(2 * (5 + offset), outputs.item<double>(), 1e-12);
    }

    // Mean of (2 (1 + theta) - 4)² and (2 (2 + theta) - 8)² has slope -12 at 0: at rate 1/8 theta = 1.5, the optimum.
    [Fact]
    public void Adapt_GradientOnALinearHead_FollowsTheHandCalculation()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearNetwork.Problem([1, 2], [4, 8], [5], [0]);
        torch.Tensor[] outputs = Adapted.QueryOutputs(new FeatureOffset(
            null, new GradientOptions { InnerLr = 0.125, InnerSteps = 1 }, isRegression: true), LinearNetwork.Theta(2), problem, innerSteps: 2);
        Assert.Equal([10, 13, 13], Gradients64.Flat(outputs));
    }

    [Fact]
    public void Solve_RealHead_SolvesTheNormalEquations()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        const double Ridge = 0.3;
        var episode = new SmoothEpisode(_options.With(("model", "cnn")), isRegression: true);
        torch.Tensor features = episode.Problem.Model.Features(episode.Theta, episode.Problem.Data.SupportInputs, ForwardPass.Transductive);
        torch.Tensor offset = OffsetForm.BeforeHead.Solve(episode.Problem, episode.Theta, features, Ridge);

        torch.Tensor weight = episode.Theta[^2];                                               // [outputs, features]
        torch.Tensor residuals = episode.Problem.Data.SupportTargets.sub(episode.Problem.Model.Head(episode.Theta, features));
        torch.Tensor normal = weight.t().matmul(weight).Times(6).PlusMultiple(Ridge, torch.eye(weight.shape[1], dtype: torch.float64));
        Gradients64.AssertClose([weight.t().matmul(residuals.sum(0L).unsqueeze(1)).squeeze(1)], [normal.matmul(offset.unsqueeze(1)).squeeze(1)], 1e-10);
    }

    [Fact]
    public void Parameters_Layout_HasAHeadForRegressionAlone()
    {
        static bool HasHead(bool isRegression) => new SmoothEpisode(_options.With(("model", "cnn")), isRegression)
            .Schema.Definitions.Any(definition => definition.Role == ParameterRole.Head);
        Assert.False(HasHead(false));
        Assert.True(HasHead(true));
    }

    [Fact]
    public void Resolve_OptionOfTheOtherSolver_IsRefused()
    {
        RunOptions closedForm = _options.Resolve();
        Assert.Equal(0.01, closedForm.Of<ClosedFormOptions>().OffsetRidge);
        Assert.Null(closedForm.Find<GradientOptions>());
        Assert.Equal(closedForm, closedForm.With());
        RunOptions gradient = _options.With(("offset_solver", FeatureOffsetOptions.Gradient)).Resolve();
        Assert.Equal(5, gradient.Of<GradientOptions>().InnerSteps);
        Assert.Null(gradient.Find<ClosedFormOptions>());
        Assert.Throws<ConfigurationException>(() => _options.With(("inner_steps", 3)).Resolve());
        Assert.Throws<ConfigurationException>(() => _options.With(("offset_solver", FeatureOffsetOptions.Gradient), ("offset_ridge", 1)).Resolve());
        var error = Assert.Throws<ConfigurationException>(() => _options.With(("offset_solver", "newton")).Resolve());
        Assert.Equal("There is no offset-solver 'newton'; choose one of closed-form, gradient.", error.Message);
    }

    private static FeatureOffset ClosedForm(double ridge) =>
        new(new ClosedFormOptions { OffsetRidge = ridge }, null, isRegression: false);
}
