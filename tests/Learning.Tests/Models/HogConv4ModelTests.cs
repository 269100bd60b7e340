using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Testing;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Tests.Models;

public sealed class HogConv4ModelTests
{
    [Theory]
    [InlineData(1, 20, 20, "conv4")]
    [InlineData(3, 28, 33, "conv4")]
    [InlineData(3, 15, 40, "conv4-stride")]
    [InlineData(1, 1, 1, "conv4-stride")]
    public void Features_OfImages_AreWeighedHistogramsTheirMapAndThoseOfConvolutions(int channels, int height, int width, string convolutions)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ImageShape shape = new(channels, height, width);
        ModelSpec spec = Specs.Of("hog-conv4", shape, 5, ("filters", 4), ("embedding_size", 6));
        IModel model = spec.CreateModel(Here.Convolution);
        torch.Tensor[] parameters = RandomTensors.Leaves(model.Schema.Layout, 1);
        torch.Tensor images = RandomTensors.Gaussian(2, 3, channels, height, width);
        torch.Tensor features = model.Features(parameters, images, ForwardPass.Transductive);

        GradientHistogram histogram = new(shape);
        float[] pixels = [.. images.to(torch.float32).data<float>()];
        torch.Tensor histograms = torch.tensor(pixels.Chunk(shape.Length).SelectMany(histogram.Of).ToArray()).to(torch.float64).reshape(3, histogram.Length);
        torch.Tensor weighed = histograms * parameters[17].exp();
        torch.Tensor convolved = Specs.Of(convolutions, shape, 5, 4).CreateModel(Here.Convolution).Features(parameters, images, ForwardPass.Transductive);
        torch.Tensor expected = torch.cat([weighed, weighed.matmul(parameters[18]), convolved * parameters[16].exp()], 1);
        Assert.True(expected.allclose(features, 1e-12, 1e-12));
        Assert.Equal([3, 5], model.Head(parameters, features).shape);
    }

    /// <summary>Without what counts for little at first, it is the baseline.</summary>
    [Fact]
    public void Evaluate_HistogramsAlone_LabelsAsTheirCentroid()
    {
        PatternDataset dataset = new(classes: 20, side: 20, noise: 0.6);
        RunOptions options = OptionValues.Of(("algorithm", "protonet"), ("model", "hog-conv4"), ("shots", 2), ("queries", 4), ("filters", 4)).Resolve();
        ParameterVector first = FirstParameters.Of(options, dataset, seed: 1);
        float[] values = [.. first.Values];
        values[first.Layout.Offsets[16]] = -40;
        values.AsSpan(first.Layout.Offsets[18], first.Layout.Entries[18].Length).Clear();
        ParameterVector histograms = new(first.Layout, values);

        EpisodeBaselines baselines = new(options, dataset);
        using EpisodeLearner learner = EpisodeLearner.Create(options, dataset);
        double[] differences = [.. Enumerable.Range(0, 20).Select(index =>
        {
            Episode episode = dataset.EpisodeAt(index, options.EpisodeShape);
            return Math.Abs(learner.Evaluate(histograms, episode, 0).Last.InductiveAccuracyFraction - (double)baselines.Measure(episode)[0]);
        })];
        Assert.All(differences, difference => Assert.Equal(0, difference, 1e-6));
    }
}
