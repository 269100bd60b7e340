using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Optimization;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

public sealed class PretrainTests
{
    private static readonly OptionValues _given = TrainingRun.Options.With(("algorithm", "pretrain"));
    private static readonly RunOptions _options = _given.Resolve();
    private static readonly PatternDataset _dataset = TrainingRun.Dataset;

    [Fact]
    public void Parameters_Head_HasAnOutputPerTrainingClass()
    {
        Assert.Equal(36, FirstParameters.Schema(_options, _dataset).Layout.Entries[^1].Length);
        Assert.Equal(
            1, FirstParameters.Schema(_given.With(("model", "cnn"), ("filters", null)).Resolve(), new PatternRegression(12)).Layout.Entries[^1].Length);
    }

    [Fact]
    public void TrainingLabels_TurnedClasses_AreFourEach()
    {
        RunOptions options = _options;
        DatasetCatalog turned = _dataset.Catalog with { RotatesClasses = true };
        var labels = TrainingLabels.Of(options, turned);
        int[] train = [.. ClassSplitter.Split(turned, options.Split, options.Seed).Train];
        IEnumerable<long> all = train.SelectMany(c => Enumerable.Range(0, 4).Select(turns => labels[Class(c, turns)]));
        Assert.Equal(Enumerable.Range(0, 144).Select(label => (long)label), all);
        Assert.Equal(144, FirstParameters.Schema(options, new Turned(_dataset, turned)).Layout.Entries[^1].Length);
        int test = ClassSplitter.Split(turned, options.Split, options.Seed).Test[0];
        Assert.Throws<ArgumentException>(() => labels[Class(test, 0)]);
    }

    [Fact]
    public void ComputeBlock_Episode_IsTheSupervisedGradientOverAllItsExamples()
    {
        RunOptions options = _options;
        ParameterVector theta = FirstParameters.Of(options, _dataset, seed: 3);
        Episode episode = EpisodeSampler.For(options, _dataset.Catalog).Sample(SplitPart.Train, 1, 0);
        using EpisodeLearner learner = EpisodeLearner.Create(options, _dataset);
        BlockGradient result = learner.ComputeBlock(theta, 1, new EpisodeBlock(0, [episode]), CancellationToken.None);

        using DisposeScope scope = torch.NewDisposeScope();
        IModel model = options.ModelSpec(_dataset.Catalog.Input, 36).CreateModel(Here.Convolution);
        torch.Tensor[] leaves = ParameterTensors.Leaves(theta);
        EpisodeTensors data = EpisodeTensors.Of(EpisodeExamples.Load(_dataset, episode));
        int[] train = [.. ClassSplitter.Split(_dataset.Catalog, options.Split, options.Seed).Train];
        long[] classes = [.. episode.Classes.Select(c => (long)Array.IndexOf(train, c.ClassIndex))];
        long[] labels = [.. classes.SelectMany(c => new[] { c, c }), .. classes.SelectMany(c => new[] { c, c, c })];
        torch.Tensor outputs = model.Forward(leaves, torch.cat([data.SupportInputs, data.QueryInputs]), ForwardPass.Transductive);
        torch.Tensor loss = Loss.MeanCrossEntropy.Mean(outputs, torch.tensor(labels));
        Gradients64.AssertClose(
            [torch.cat([.. torch.autograd.grad([loss], leaves, retain_graph: true).Select(tensor => tensor.flatten())])],
            [torch.tensor(result.GradientSum.Values.ToArray())], 1e-6);
        torch.Tensor query = Loss.MeanCrossEntropy.Mean(outputs.narrow(0, 6, 9), torch.tensor(labels[6..]));
        Assert.Equal(query.item<float>(), result.Episodes[0].QueryLoss, 1e-6f);
        Assert.Equal(
            Loss.MeanCrossEntropy.AccuracyFraction(outputs.narrow(0, 6, 9), torch.tensor(labels[6..])), result.Episodes[0].QueryAccuracyFraction);
    }

    [Fact]
    public void Adapt_NewEpisode_BeginsWithAHeadOfZeros()
    {
        RunOptions options = _options;
        using EpisodeLearner learner = EpisodeLearner.Create(options, _dataset);
        EpisodeEvaluation evaluation = learner.Evaluate(
            FirstParameters.Of(options, _dataset, seed: 3), EpisodeSampler.For(options, _dataset.Catalog).Sample(SplitPart.Test, 0, 0), 50, everyStep: true);
        Assert.Equal(Math.Log(3), evaluation.Steps[0].QueryLoss, 1e-6);
        Assert.Equal(51, evaluation.Steps.Length);
        Assert.True(evaluation.Last.QueryLoss < 0.5 * evaluation.Steps[0].QueryLoss);
    }

    // Loss (w-3)² from 1 at rate 1/8: slopes -4, -3, velocities -4, -6.6.
    [Fact]
    public void Adapt_LinearNetwork_DescendsWithMomentum()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = LinearNetwork.Problem([1], [3], [1], [0]);
        double[] outputs = Gradients64.Flat(Adapted.QueryOutputs(
            new Pretrain(0.125, labels: null), LinearNetwork.Theta(1), problem, innerSteps: 2));
        Assert.Equal(1.5 + 6.6 / 8, outputs[2], 1e-12);
        Assert.Equal([1, 1.5], outputs[..2]);
    }

    // Support (w-3)², query (w-5)² at w = 1: mean loss (4 + 16) / 2, slope 2w - 8.
    [Fact]
    public void Differentiate_Regression_IsTheGradientOverAllExamples()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        MetaGradient result = Gradients64.Of(
            new Pretrain(0.01, labels: null), LinearNetwork.Theta(1), LinearNetwork.Problem([1], [3], [1], [5]));
        Assert.Equal([-6], Gradients64.Flat(result.Gradient));
        Assert.Equal(16, result.QueryLoss.item<double>());
    }

    [Fact]
    public void Resolve_Defaults_AreThoseOfTheBaseline()
    {
        RunOptions resolved = OptionValues.Of(("algorithm", "pretrain")).Resolve();
        Assert.Equal(("sgd", 0.01, 0.9, 50), (resolved.MetaOptimizer, resolved.MetaLr, resolved.Of<SgdOptions>().MetaMomentum, resolved.EvalInnerSteps));
        Assert.Null(OptionValues.Of(("algorithm", "pretrain"), ("meta_optimizer", "adam")).Resolve().Find<SgdOptions>());
    }

    private static EpisodeClass Class(int index, int quarterTurns) => new(index, quarterTurns, [0], [1]);

    private sealed class Turned(PatternDataset dataset, DatasetCatalog catalog) : IEpisodeDataset
    {
        public DatasetCatalog Catalog => catalog;

        public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination) =>
            dataset.CopyInput(classIndex, exampleIndex, quarterTurns, destination);
    }
}
