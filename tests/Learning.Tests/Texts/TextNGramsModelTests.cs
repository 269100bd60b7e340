using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tests.Algorithms;
using MetaMap.Learning.Tests.Models;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using TorchSharp;

namespace MetaMap.Learning.Tests.Texts;

public sealed class TextNGramsModelTests : IDisposable
{
    private static readonly OptionValues _options = OptionValues.Of(("dataset", "text"), ("ways", 3), ("buckets", 40), ("embedding_size", 5));

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cosine")]
    [InlineData("euclidean")]
    public void Differentiate_Protonet_AgreesWithFiniteDifferences(string distance)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        RunOptions options = _options.With(("distance", distance)).Resolve();
        var input = InputShape.Tokens(12, 30);
        ParameterSchema schema = new TaskShape(input, 0, TrainingClasses: 7).Schema(options);
        torch.Tensor[] theta = RandomTensors.Leaves(schema.Layout, seed: 1000);
        EpisodeProblem problem = new(
            new TextNGramsModel(options.ModelSpec(input, 3)),
            new EpisodeTensors(
                SmallNetworks.Inputs(input, 1, 6).clamp_min(1), torch.arange(6).remainder(3), SmallNetworks.Inputs(input, 2, 9).clamp_min(1), torch.arange(9).remainder(3)),
            Loss.MeanCrossEntropy);
        IMetaAlgorithm protonet = options.CreateAlgorithm(new DatasetCatalog("text", input, [], ""));
        MetaGradient result = Gradients64.Of(protonet, theta, problem);
        Gradients64.AssertAreDifferences(theta, result.Gradient, () => Adapted.QueryLoss(protonet, theta, problem, 0));
    }

    // "aaa" is aa twice and aaa once; "aab" is aa, ab and aab: with weights of 1 they share only aa.
    [Fact]
    public void Features_TwoTexts_FollowTheHandCalculation()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = Specs.Of("text-ngrams", InputShape.Tokens(4, 257), 2, ("buckets", 1 << 16), ("embedding_size", 1));
        IModel model = spec.CreateModel(Kernels.Here.Convolution);
        torch.Tensor[] parameters = [.. model.Schema.Layout.Entries.Select(entry => torch.zeros([.. entry.Shape.Select(size => (long)size)], dtype: torch.float64))];
        torch.Tensor texts = torch.tensor(new double[] { 'a' + 1, 'a' + 1, 'a' + 1, 0, 'a' + 1, 'a' + 1, 'b' + 1, 0 }).reshape(2, 4);
        torch.Tensor features = model.Features(parameters, texts, ForwardPass.Transductive);
        double twice = 1 + Math.Log(2);
        torch.Tensor products = features.matmul(features.t());
        Assert.Equal(1, products[0, 0].item<double>(), 12);
        Assert.Equal(twice / Math.Sqrt((1 + twice * twice) * 3), products[0, 1].item<double>(), 12);
    }

    [Fact]
    public void Features_TextWithoutNGrams_AreZero()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = SmallNetworks.Spec("text-ngrams");
        IModel model = spec.CreateModel(Kernels.Here.Convolution);
        torch.Tensor[] theta = RandomTensors.Leaves(model.Schema.Layout, 1);
        torch.Tensor features = model.Features(theta, torch.zeros(2, 12, dtype: torch.float64), ForwardPass.Transductive);
        Assert.All(Gradients64.Flat([features]), value => Assert.Equal(0, value));
        IList<torch.Tensor> gradient = torch.autograd.grad([features.sum()], [theta[0]]);
        Assert.All(Gradients64.Flat([gradient[0]]), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Begin_Texts_StartsAtTheirInverseDocumentFrequencies()
    {
        // "ab" is in all nine training texts, "cd" in none.
        File.WriteAllLines(_folder["texts.tsv"], Enumerable.Range(0, 15).SelectMany(label => Enumerable.Range(0, 3).Select(_ => $"label{label}\tab")));
        RunOptions options = _options.With(("shots", 1), ("queries", 1), ("buckets", 1 << 16)).Resolve();
        IEpisodeDataset dataset = options.OpenDataset(_folder["texts.tsv"]);
        MetaState state = new MetaTraining("texts", options, dataset.Catalog).Begin(dataset);
        int texts = 9 * 3;
        float[] weights = state.Parameters[0].ToArray();
        int ab = NGrams.BucketsOf(new float[] { 'a' + 1, 'b' + 1 }, weights.Length).Single();
        Assert.Equal(0, weights[ab]);
        Assert.Equal(Math.Log(Math.Log(1.0 + texts) + 1), weights[ab == 0 ? 1 : 0], 5);
    }
}
