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

public sealed class ProtonetTests
{
    private static readonly OptionValues _options = OptionValues.Of(("algorithm", "protonet"));

    [Theory]
    [InlineData("conv4-stride")]
    [InlineData("conv4")]
    [InlineData("cnn")]
    public void Differentiate_RealNetwork_AgreesWithFiniteDifferences(string model)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", model)));
        var protonet = new Protonet();
        MetaGradient result = Gradients64.Of(protonet, episode.Theta, episode.Problem);
        Gradients64.AssertAreDifferences(
            episode.Theta, result.Gradient, () => Adapted.QueryLoss(protonet, episode.Theta, episode.Problem, 0));
    }

    [Fact]
    public void Prototypes_OneShot_AreTheSupportEmbeddings()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", "conv4-stride")));
        EpisodeTensors data = episode.Problem.Data;
        torch.Tensor inputs = data.SupportInputs.narrow(0, 0, 3);
        var oneShot = new EpisodeProblem(
            episode.Problem.Model, data with { SupportInputs = inputs, SupportTargets = torch.tensor(new long[] { 2, 0, 1 }) }, Loss.MeanCrossEntropy);
        torch.Tensor embeddings = oneShot.Model.Features(episode.Theta, inputs, ForwardPass.Transductive);
        double[] expected = Gradients64.Flat([embeddings[1], embeddings[2], embeddings[0]]);
        Assert.Equal(expected, Gradients64.Flat([Protonet.Prototypes(episode.Theta, oneShot)]));
    }

    // Means (1, 0) of class 0 and (0, 4) of class 1; the query (1, 1) is 1 and 1 + 9 away.
    [Fact]
    public void Nearness_TwoClasses_FollowsTheHandCalculation()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor features = torch.tensor(new double[] { 0, 0, 0, 4, 2, 0 }).reshape(3, 2);
        ClassSums classes = ClassSums.Of(features, torch.tensor(new long[] { 0, 1, 0 }));
        torch.Tensor means = classes.Sums.div(classes.Counts);
        Assert.Equal([1, 0, 0, 4], Gradients64.Flat([means]));
        Assert.Equal([-1, -10], Gradients64.Flat([ClassSums.Nearness(torch.ones(1, 2, dtype: torch.float64), means)]));
    }

    [Fact]
    public void Differentiate_Cosine_ComparesDirectionsAlone()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var episode = new SmoothEpisode(_options.With(("model", "conv4-stride"), ("distance", "cosine")));
        Assert.Equal("cosine.log-scale [1]", episode.Schema.Layout.Entries[^1].ToString());
        Assert.Equal(Math.Log(10), episode.Schema.Initialize(1)[episode.Schema.Definitions.Length - 1][0], 6);
        torch.Tensor prototypes = Protonet.Prototypes(episode.Theta, episode.Problem);
        torch.Tensor queries = episode.Problem.Model.Features(episode.Theta, episode.Problem.Data.QueryInputs, ForwardPass.Transductive);
        double scale = Math.Exp(episode.Theta[^1].item<double>());
        double[] expected = [.. from q in Enumerable.Range(0, 9) from p in Enumerable.Range(0, 3)
            select scale * torch.nn.functional.cosine_similarity(queries[q], prototypes[p], 0).item<double>()];
        Assert.All(expected.Zip(Gradients64.Flat([Gradients64.Of(new Protonet(isCosine: true), episode.Theta, episode.Problem).QueryOutputs])), pair => Assert.Equal(pair.First, pair.Second, 10));
    }

    [Fact]
    public void Parameters_Layout_HasNoHead()
    {
        var episode = new SmoothEpisode(_options.With(("model", "conv4")));
        Assert.All(episode.Schema.Definitions, definition => Assert.Equal(ParameterRole.Body, definition.Role));
        Assert.Equal(16, episode.Schema.Definitions.Length);
    }

    [Fact]
    public void Parameters_ValuesToPredict_AreRefused()
    {
        var error = Assert.Throws<ConfigurationException>(
            () => new SmoothEpisode(_options.With(("model", "cnn")), isRegression: true));
        Assert.StartsWith("Algorithm protonet tells classes apart", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_InnerRate_IsRefused()
    {
        var error = Assert.Throws<ConfigurationException>(() => _options.With(("inner_lr", 0.1)).Resolve());
        Assert.StartsWith("--inner-lr is given, but none of", error.Message, StringComparison.Ordinal);
    }
}
