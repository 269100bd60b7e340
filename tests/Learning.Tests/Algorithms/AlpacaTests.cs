using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

public sealed class AlpacaTests
{
    private const int Shots = 5;
    private static readonly OptionValues _options = OptionValues.Of(("algorithm", "alpaca"));
    private static readonly OptionValues _linear = _options.With(("dataset", "sinusoid"), ("model", "mlp"), ("hidden", "none"));

    [Theory]
    [InlineData("conv4-stride", false)]
    [InlineData("cnn", false)]
    [InlineData("cnn", true)]
    public void Differentiate_RealNetwork_AgreesWithFiniteDifferences(string model, bool isRegression)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", model)), isRegression);
        AssertIsGradient(new Alpaca(isRegression), episode.Theta, episode.Problem);
    }

    [Fact]
    public void Differentiate_VectorsPastHiddenLayers_AgreesWithFiniteDifferences()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        RunOptions options = _linear.With(("hidden", "4,3")).Resolve();
        ModelSpec spec = options.ModelSpec(InputShape.Vector(2), 1);
        var layout = new TaskShape(spec.Input, 1, 3).Schema(options).Layout;
        Assert.Equal("prior.mean [1, 6]", layout.Entries.Single(entry => entry.Name == "prior.mean").ToString());
        AssertIsGradient(new Alpaca(isRegression: true), RandomTensors.Leaves(layout, seed: 3), Problem(new MlpModel(spec, features => features.tanh())));
    }

    /// <summary>Where only the constant may differ, a task is the linear model and the shrunk mean of its residuals.</summary>
    [Fact]
    public void Adapt_OnlyTheConstantDiffers_IsTheShrunkOffset()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearProblem();
        torch.Tensor mean = Row(0.3, -1, 2);
        torch.Tensor residuals = problem.Data.SupportTargets - WithOne(problem.Data.SupportInputs).matmul(mean.mT);
        torch.Tensor expected = WithOne(problem.Data.QueryInputs).matmul(mean.mT) + (residuals.sum() / (Shots + 1 / 0.25));
        Gradients64.AssertClose([expected], [Predicted(problem, mean, Row(0.5, 0, 0).flatten())]);
    }

    /// <summary>With a prior around zero, the task is ridge regression with penalties that are the inverse variances.</summary>
    [Fact]
    public void Adapt_PriorAroundZero_IsRidgeRegression()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearProblem();
        torch.Tensor inputs = WithOne(problem.Data.SupportInputs);
        torch.Tensor deviations = Row(2, 0.5, 1.5).flatten();
        torch.Tensor square = inputs.mT.matmul(inputs) + torch.diag(deviations.pow(-2));
        torch.Tensor weights = torch.linalg.solve(square, inputs.mT.matmul(problem.Data.SupportTargets));
        Gradients64.AssertClose([WithOne(problem.Data.QueryInputs).matmul(weights)], [Predicted(problem, Row(0, 0, 0), deviations)]);
    }

    [Fact]
    public void Differentiate_OtherOrderOfLabels_PermutesTheOutputs()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", "cnn")));
        EpisodeTensors data = episode.Problem.Data;
        torch.Tensor turned = (data.SupportTargets + 1).remainder(3);
        var other = new EpisodeProblem(episode.Problem.Model, data with { SupportTargets = turned }, Loss.MeanCrossEntropy);
        torch.Tensor outputs = Gradients64.Of(new Alpaca(false), episode.Theta, episode.Problem).QueryOutputs;
        Gradients64.AssertClose([outputs.roll(1, 1)], [Gradients64.Of(new Alpaca(false), episode.Theta, other).QueryOutputs]);
    }

    [Theory]
    [InlineData(1e6)]
    [InlineData(1e15)]
    public void Adapt_InputsFarOut_StaysFinite(double factor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeTensors data = LinearProblem().Data;
        var far = new EpisodeProblem(LinearModel(), new(
            (data.SupportInputs * factor).to(torch.float32), data.SupportTargets.to(torch.float32), (data.QueryInputs * factor).to(torch.float32), data.QueryTargets.to(torch.float32)), Loss.MeanSquaredError);
        torch.Tensor outputs = Predicted(far, Row(0, 0, 0).to(torch.float32), Row(1, 1, 1).flatten().to(torch.float32));
        Assert.True(outputs.isfinite().all().item<bool>());
    }

    private static void AssertIsGradient(Alpaca alpaca, torch.Tensor[] theta, EpisodeProblem problem) => Gradients64.AssertAreDifferences(
        theta, Gradients64.Of(alpaca, theta, problem).Gradient, () => Adapted.QueryLoss(alpaca, theta, problem, 0));

    private static torch.Tensor Predicted(EpisodeProblem problem, torch.Tensor mean, torch.Tensor deviations)
    {
        torch.Tensor? outputs = null;
        new Alpaca(isRegression: true).Adapt([mean, deviations], problem, 0, (_, mapping) =>
            outputs = mapping.PredictTransductive(problem.Data.QueryInputs).MoveToOuterDisposeScope());
        return outputs!;
    }

    private static MlpModel LinearModel() => new MlpModel(_linear.Resolve().ModelSpec(InputShape.Vector(2), 1));

    private static EpisodeProblem LinearProblem() => Problem(LinearModel());

    private static EpisodeProblem Problem(IModel model) => new(model, new EpisodeTensors(
        RandomTensors.Gaussian(1, Shots, 2), RandomTensors.Gaussian(2, Shots, 1), RandomTensors.Gaussian(3, 7, 2), RandomTensors.Gaussian(4, 7, 1)), Loss.MeanSquaredError);

    private static torch.Tensor Row(params double[] values) => torch.tensor(values).reshape(1, -1);

    private static torch.Tensor WithOne(torch.Tensor inputs) => torch.cat([torch.ones(inputs.shape[0], 1, dtype: inputs.dtype), inputs], 1);
}
