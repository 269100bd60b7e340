using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Computations;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Tests.Batched;

/// <summary>A lane that computes a block's episodes side by side, as a GPU's does, against one that computes them one after the other.</summary>
public sealed class SideBySideTests
{
    [Theory]
    [InlineData("maml", null)]
    [InlineData("maml", 0.5)] // through graphs
    public void RequireMemory_BlockThatDoesNotFit_SaysWhichBatchingDoes(string algorithm, double? clip)
    {
        PatternDataset dataset = new(classes: 60);
        OptionValues given = OptionValues.Of(("algorithm", algorithm), ("model", "conv4"), ("ways", 3), ("filters", 8), ("inner_steps", 5), ("block", 64), ("inner_clip", clip));
        void Require(long bytes, string? batching)
        {
            using EpisodeLearner learner = EpisodeLearner.Create(given.With(("batching", batching)).Resolve(), dataset, device: SideBySide.Device with { MemoryBytes = bytes });
            learner.RequireMemory();
        }

        string Refusal(long bytes, string? batching = null) => Assert.Throws<ConfigurationException>(() => Require(bytes, batching)).Message;

        string sentence = Refusal(32 << 20);
        Assert.Matches(@"^64 episodes side by side take about 0\.\d GiB, and cpu has 0\.0 GiB: start the run with --batching \d+\.$", sentence);
        int fitting = int.Parse(sentence.Split(' ')[^1].TrimEnd('.'), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(fitting, 2, 63);
        Require(32 << 20, $"{fitting}");
        Assert.EndsWith($"start the run with --batching {fitting}.", Refusal(32 << 20, $"{fitting + 1}"), StringComparison.Ordinal);
        Assert.EndsWith("or compute on the processor (--device cpu).", Refusal(1 << 10), StringComparison.Ordinal);
    }

    [Fact]
    public void RequireMemory_ClosedFormWithoutRidge_HasASolution()
    {
        PatternRegression dataset = new(tasks: 40);
        RunOptions options = OptionValues.Of(("algorithm", "feature-offset"), ("model", "mlp"), ("shots", 3), ("queries", 2), ("offset_ridge", 0)).Resolve();
        using EpisodeLearner learner = EpisodeLearner.Create(options, dataset, device: SideBySide.Device with { MemoryBytes = 1L << 40 });
        learner.RequireMemory();
    }

    /// <summary>As those of plug-ins, unless they say that they take several.</summary>
    [Fact]
    public void GraphTasks_AlgorithmOrNetworkOfOneEpisode_IsNone()
    {
        PatternDataset dataset = new(classes: 60);
        RunOptions options = OptionValues.Of(("algorithm", "protonet"), ("filters", 4)).Resolve();
        IModel network = options.ModelSpec(dataset.Catalog.Input, 5).CreateModel(Convolution.Products);
        IMetaAlgorithm algorithm = options.CreateAlgorithm(dataset.Catalog);
        var source = new EpisodeSource(options, dataset, 5);
        using var graphs = new GraphComputation(algorithm, network, source, FirstParameters.Of(options, dataset, 1).Layout, torch.CPU);
        Assert.NotNull(Of(algorithm, network));
        Assert.Null(Of(new AlgorithmOfOne(), network));
        Assert.Null(Of(algorithm, new LinearNetwork(1)));

        GraphTasks? Of(IMetaAlgorithm computed, IModel on) => GraphTasks.Of(options, computed, on, source, graphs, torch.CPU);
    }

    [Theory]
    [InlineData("protonet", null)]
    [InlineData("reptile", null)]
    [InlineData("pretrain", null)]
    [InlineData("cavia", null)]
    [InlineData("imaml", 0.5)]
    [InlineData("maml", 0.5)]
    [InlineData("maml++", 0.5)]
    public void ComputeBlock_ManyCallsThroughGraphs_LeakNoTensor(string algorithm, double? clip)
    {
        PatternDataset dataset = new(classes: 60);
        RunOptions options = OptionValues.Of(("algorithm", algorithm), ("ways", 3), ("queries", 2), ("filters", 4), ("inner_clip", clip)).Resolve();
        ParameterVector theta = FirstParameters.Of(options, dataset, seed: 3);
        EpisodeBlock block = new(0, [.. Enumerable.Range(0, 3).Select(i => EpisodeSampler.For(options, dataset.Catalog).Sample(SplitPart.Train, 1, i))]);
        using EpisodeLearner learner = EpisodeLearner.Create(options, dataset, device: SideBySide.Device);
        Assert.False(options.IsLayered);
        learner.ComputeBlock(theta, 1, block, CancellationToken.None);
        (long live, long outside) = (DisposeScopeManager.Statistics.ThreadTotalLiveCount, DisposeScopeManager.Statistics.CreatedOutsideScopeCount);
        learner.ComputeBlock(theta, 2, block, CancellationToken.None);
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(outside, DisposeScopeManager.Statistics.CreatedOutsideScopeCount);
    }

    [Theory]
    [InlineData("maml", "conv4-stride", 4, 1e-4)]
    [InlineData("maml", "conv4", 3, 1e-4)]
    [InlineData("fomaml", "mlp", 5, 1e-5)]
    [InlineData("meta-sgd", "conv4-stride", 2, 1e-4)]
    [InlineData("maml", "cnn", 3, 1e-4)]
    [InlineData("maml++", "conv4-stride", 3, 1e-4)]
    [InlineData("imaml", "conv4-stride", 2, 1e-4)]
    [InlineData("protonet", "conv4-stride", 2, 1e-4)] // through graphs, as all below
    [InlineData("protonet", "conv4-stride", 5, 1e-4, "2")]
    [InlineData("reptile", "cnn", 5, 1e-3, "3")]
    [InlineData("cavia", "conv4", 3, 1e-4)]
    [InlineData("feature-offset", "conv4-stride", 4, 1e-4)]
    [InlineData("pretrain", "conv4-stride", 4, 1e-4)]
    [InlineData("maml", "resnet12", 3, 1e-3)]
    [InlineData("protonet", "hog-conv4", 3, 1e-4)]
    [InlineData("maml", "mlp", 5, 1e-4, "2", 0.1)]
    [InlineData("maml++", "conv4-stride", 3, 1e-4, null, 0.1)]
    [InlineData("maml", "conv4", 2, 1e-4, "off")] // one after the other
    [InlineData("maml", "conv4-stride", 5, 1e-4, "2")]
    [InlineData("maml", "conv4-stride", 2, 1e-4, "64")]
    public void ComputeBlock_SideBySide_IsNearThatOneAfterTheOther(string algorithm, string model, int episodes, double tolerance, string? batching = null, double? clip = null)
    {
        PatternDataset dataset = new(classes: 60);
        RunOptions options = OptionValues.Of(
            ("algorithm", algorithm), ("model", model), ("ways", 3), ("shots", 2), ("queries", 2), ("inner_steps", algorithm == "imaml" ? 4 : null), ("inner_clip", clip),
            ("filters", model is "mlp" or "cnn" ? null : 8), ("block", 5), ("batching", batching)).Resolve();
        ParameterVector theta = FirstParameters.Of(options, dataset, seed: 3);
        EpisodeBlock block = new(0, [.. Enumerable.Range(0, episodes).Select(i => EpisodeSampler.For(options, dataset.Catalog).Sample(SplitPart.Train, 1, i))]);
        BlockGradient[] gradients = [.. new[] { ComputeDevice.Cpu, SideBySide.Device, SideBySide.Device }.Select(device =>
        {
            using EpisodeLearner learner = EpisodeLearner.Create(options, dataset, device: device);
            return learner.ComputeBlock(theta, 1, block, CancellationToken.None);
        })];
        Assert.Equal(gradients[1].GradientSum.Sha256, gradients[2].GradientSum.Sha256);
        Assert.Equal(episodes, gradients[1].Episodes.Length);
        for (int i = 0; i < episodes; i++)
        {
            Assert.Equal(gradients[0].Episodes[i].QueryLoss, gradients[1].Episodes[i].QueryLoss, 1e-4);
            Assert.Equal(gradients[0].Episodes[i].QueryAccuracyFraction, gradients[1].Episodes[i].QueryAccuracyFraction);
        }

        (float[] exact, float[] near) = (gradients[0].GradientSum.Values.ToArray(), gradients[1].GradientSum.Values.ToArray());
        double difference = Math.Sqrt(exact.Zip(near, (a, b) => Math.Pow(a - b, 2)).Sum());
        double norm = Math.Sqrt(exact.Sum(value => Math.Pow(value, 2)));
        Assert.True(difference <= tolerance * norm, $"{difference:e2} of {norm:e2}");
    }

    private sealed class AlgorithmOfOne : IMetaAlgorithm
    {
        public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration) => throw new InvalidOperationException();

        public void Adapt(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) => throw new InvalidOperationException();
    }
}
