using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Episodes;
using MetaMap.Training.Optimization;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

public sealed class ReptileTests
{
    private const double Rate = 0.25;

    [Theory]
    [InlineData("conv4-stride", false)]
    [InlineData("cnn", false)]
    [InlineData("cnn", true)]
    public void Differentiate_OneStepOfGradientDescent_DividedByTheRateIsTheGradientOfTheLoss(string model, bool isRegression)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(OptionValues.Of(("algorithm", "reptile"), ("model", model)), isRegression);
        MetaGradient result = Gradients64.Of(new Reptile(new InnerLoop(Rate, 1), null), episode.Theta, episode.Problem);

        EpisodeTensors data = episode.Problem.Data;
        torch.Tensor loss = episode.Problem.Loss.Mean(
            episode.Problem.Model.Forward(episode.Theta, torch.cat([data.SupportInputs, data.QueryInputs]), ForwardPass.Transductive),
            torch.cat([data.SupportTargets, data.QueryTargets]));
        Gradients64.AssertClose(
            [.. torch.autograd.grad([loss], episode.Theta)], [.. result.Gradient.Select(tensor => tensor.Times(1 / Rate))]);
    }

    // Loss ((w-3)² + (w-5)²)/2 has slope 2w - 8: from 1 at rate 1/4 to 2.5 and 3.25. The query loss is (w-5)² there.
    [Fact]
    public void Differentiate_LinearNetwork_FollowsTheHandCalculation()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearNetwork.Problem([1], [3], [1], [5]);
        MetaGradient result = Gradients64.Of(new Reptile(new InnerLoop(Rate, 2), null), LinearNetwork.Theta(1), problem);
        Assert.Equal([-2.25], Gradients64.Flat(result.Gradient));
        Assert.Equal(3.0625, result.QueryLoss.item<double>());
        Assert.Equal([3.25], Gradients64.Flat([result.QueryOutputs]));
    }

    // Loss (w-3)² of the support set alone: from 1 to 2 and 2.5.
    [Fact]
    public void Adapt_LinearNetwork_TrainsOnTheSupportSetAlone()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearNetwork.Problem([1], [3], [1], [5]);
        torch.Tensor[] outputs = Adapted.QueryOutputs(
            new Reptile(new InnerLoop(Rate, 1), null), LinearNetwork.Theta(1), problem, innerSteps: 2);
        Assert.Equal([1, 2, 2.5], Gradients64.Flat(outputs));
    }

    [Fact]
    public void MetaSgd_RateEpsilon_MovesThatShareOfTheWay()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearNetwork.Problem([1], [3], [1], [5]);
        MetaGradient result = Gradients64.Of(new Reptile(new InnerLoop(Rate, 2), null), LinearNetwork.Theta(1), problem);
        ParameterLayout layout = problem.Model.Schema.Layout;
        var sgd = new Sgd();
        (ParameterVector next, _) = sgd.Update(
            new ParameterVector(layout, [1]), new ParameterVector(layout, [(float)result.Gradient[0].item<double>()]), sgd.CreateState(layout), 0.5);
        Assert.Equal([1 + 0.5f * 2.25f], next.Values.ToArray());
    }

    [Fact]
    public void Differentiate_Minibatches_FollowsTheirOrder()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearNetwork.Problem([1, 1], [3, -1], [1], [5]);
        MetaGradient result = Gradients64.Of(new Reptile(new InnerLoop(Rate, 5), innerBatch: 1), LinearNetwork.Theta(1), problem);

        double[] targets = [3, -1, 5];
        var batches = new InnerBatches(3, 1, null);
        double weight = 1;
        for (int step = 0; step < 5; step++)
        {
            weight -= Rate * 2 * (weight - targets[batches.At(step)[0]]);
        }

        Assert.Equal(1 - weight, result.Gradient[0].item<double>(), 1e-12);
    }

    [Fact]
    public void InnerBatches_OnePass_ShowsEveryExampleOnce()
    {
        var batches = new InnerBatches(6, 4, Episode(1));
        long[] twelve = [.. batches.At(0), .. batches.At(1), .. batches.At(2)];
        Assert.Equal([0, 1, 2, 3, 4, 5], twelve[..6].Order());
        Assert.Equal([0, 1, 2, 3, 4, 5], twelve[6..].Order());
        Assert.NotEqual(twelve[..6], twelve[6..]);
    }

    [Fact]
    public void InnerBatches_SameEpisode_AreTheSame_OthersDiffer()
    {
        Assert.Equal(new InnerBatches(50, 10, Episode(1)).At(7), new InnerBatches(50, 10, Episode(1)).At(7));
        Assert.NotEqual(new InnerBatches(50, 10, Episode(1)).At(7), new InnerBatches(50, 10, Episode(2)).At(7));
    }

    [Fact]
    public void InnerBatches_LargerThanTheEpisode_AreAllOfIt() => Assert.Equal(3, new InnerBatches(3, 10, null).At(4).Length);

    [Fact]
    public void Differentiate_Adam_FollowsAdam()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearNetwork.Problem([1], [3], [1], [5]);
        var options = new InnerLoop(Rate, 1) { Optimizer = new DifferentiableAdam() };
        // The first step of Adam is the rate against the sign of the gradient, but for its epsilon.
        Assert.Equal(-Rate, Gradients64.Of(new Reptile(options, innerBatch: null), LinearNetwork.Theta(1), problem).Gradient[0].item<double>(), 1e-8);
    }

    private static Episode Episode(int firstClass) => new(0, [new EpisodeClass(firstClass, 0, [0, 1], [2, 3])]);
}
