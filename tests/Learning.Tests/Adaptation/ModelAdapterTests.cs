using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Learning.Adaptation;
using MetaMap.Learning.Tests.Algorithms;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Tests.Adaptation;

/// <summary>Adapted models of every algorithm: as good as the lane's own evaluation, and for other numbers of classes.</summary>
public sealed class ModelAdapterTests
{
    private static readonly PatternDataset _patterns = TrainingRun.Dataset;
    private static readonly PatternRegression _regression = new(tasks: 12);

    // A supervised model has no adaptation of its own.
    public static IEnumerable<object[]> AlgorithmsAndModels => EveryAlgorithmTests.AlgorithmsAndModels.Cast<object[]>().Where(row => !Equals(row[0], "supervised"));

    public static IEnumerable<object[]> RegressionAlgorithms => EveryAlgorithmTests.RegressionAlgorithms.Cast<object[]>().Where(row => !Equals(row[0], "supervised"));

    public static TheoryData<string> InnerLoops =>
        [.. PartRegistry.Algorithms.Names.Append("feature-offset:gradient").Where(name => EveryAlgorithmTests.Named(name, "cnn").Find<IAdaptsInEvaluation>() is not null)];

    [Theory]
    [MemberData(nameof(AlgorithmsAndModels))]
    public void Adapt_AnEpisodesSupportSet_PredictsAsTheEvaluationDoes(string algorithm, string model)
    {
        RunOptions options = EveryAlgorithmTests.Named(algorithm, model).With(("batching", "off"));
        ModelFile file = First(options, _patterns);
        Episode episode = EpisodeSampler.For(options, _patterns.Catalog).Sample(SplitPart.Test, 0, 5);
        var examples = EpisodeExamples.Load(_patterns, episode);
        AdaptedFile adapted = RoundTrip(ModelAdapter.Adapt(file, examples.Support, Labels(options.EpisodeShape.Ways)));
        using Predictor predictor = new(adapted);
        ImmutableArray<ImmutableArray<float>> predicted = predictor.Predict(examples.Query.Inputs);

        using EpisodeLearner learner = EpisodeLearner.Create(options, _patterns);
        StepEvaluation measured = learner.Evaluate(file.Parameters, episode, options.EvalInnerSteps).Last;
        // Reptile's minibatches are drawn by the episode's identity, which the examples alone do not have.
        if (algorithm != "reptile")
        {
            Assert.Equal(measured.InductiveQueryLoss, examples.Query.Labels.Select((label, i) => -Math.Log(predicted[i][(int)label])).Average(), 1e-3);
            Assert.Equal(measured.InductiveAccuracyFraction, examples.Query.Labels.Select((label, i) => predicted[i].IndexOf(predicted[i].Max()) == label ? 1.0 : 0).Average(), 1e-6);
        }

        Assert.All(predicted, probabilities => Assert.Equal(1, probabilities.Sum(), 1e-4));
        Assert.Equal(adapted, ModelAdapter.Adapt(file, examples.Support, Labels(options.EpisodeShape.Ways)));
    }

    [Theory]
    [MemberData(nameof(InnerLoops))]
    public void Adapt_NobodyWantsItAnyMore_EndsBetweenTwoStepsAndLeavesNoTensor(string algorithm)
    {
        RunOptions options = EveryAlgorithmTests.Named(algorithm, "cnn");
        ModelFile file = First(options, _patterns);
        ExampleSet support = EpisodeExamples.Load(_patterns, EpisodeSampler.For(options, _patterns.Catalog).Sample(SplitPart.Test, 0, 5)).Support;
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        // Steps without end: the test ends because the adaptation does.
        using CancellationTokenSource over = new(TimeSpan.FromMilliseconds(20));
        Assert.Throws<OperationCanceledException>(() => ModelAdapter.Adapt(file, support, Labels(options.EpisodeShape.Ways), int.MaxValue, cancellation: over.Token));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [MemberData(nameof(RegressionAlgorithms))]
    public void Adapt_ValuesToPredict_PredictsAsTheEvaluationDoes(string algorithm)
    {
        bool hasInnerRate = RunOptionsJson.Values(EveryAlgorithmTests.Named(algorithm, "cnn"))["inner_lr"] is not null;
        RunOptions options = EveryAlgorithmTests.Named(algorithm, "cnn", ("ways", null), ("shots", 5), ("queries", 5), ("inner_lr", hasInnerRate ? 0.01 : null), ("batching", "off"));
        ModelFile file = First(options, _regression);
        Episode episode = _regression.EpisodeAt(2, options.EpisodeShape);
        var examples = EpisodeExamples.Load(_regression, episode);
        using Predictor predictor = new(RoundTrip(ModelAdapter.Adapt(file, examples.Support, [])));
        ImmutableArray<ImmutableArray<float>> predicted = predictor.Predict(examples.Query.Inputs);
        if (algorithm != "reptile")
        {
            using EpisodeLearner learner = EpisodeLearner.Create(options, _regression);
            double measured = learner.Evaluate(file.Parameters, episode, options.EvalInnerSteps).Last.InductiveQueryLoss;
            Assert.Equal(measured, examples.Query.Values.Select((value, i) => Math.Pow(value - predicted[i][0], 2)).Average(), 1e-3 * (1 + measured));
        }
    }

    [Theory]
    [MemberData(nameof(AlgorithmsAndModels))]
    public void Adapt_FewerAndMoreClasses_TellsThemApart(string algorithm, string model)
    {
        ModelFile file = First(EveryAlgorithmTests.Named(algorithm, model), _patterns);
        foreach (int classes in new[] { 2, 4 })
        {
            Episode episode = _patterns.EpisodeAt(7, new EpisodeShape(classes, 5, 5));
            var examples = EpisodeExamples.Load(_patterns, episode);
            if (classes > 3 && algorithm == "meta-sgd")
            {
                Assert.Contains("give at most 3 classes", Assert.Throws<ConfigurationException>(() => ModelAdapter.Adapt(file, examples.Support, Labels(classes))).Message, StringComparison.Ordinal);
                continue;
            }

            using Predictor predictor = new(ModelAdapter.Adapt(file, examples.Support, Labels(classes)));
            ImmutableArray<ImmutableArray<float>> predicted = predictor.Predict(examples.Query.Inputs);
            Assert.All(predicted, probabilities => Assert.Equal(classes, probabilities.Length));
            double right = examples.Query.Labels.Select((label, i) => predicted[i].IndexOf(predicted[i].Max()) == label ? 1.0 : 0).Average();
            // What cavia's context and the running statistics of maml++ are good for has to be learned first.
            Assert.True(right > 1.2 / classes || algorithm is "cavia" or "maml++", $"{right} of {classes} classes");
        }
    }

    /// <summary>The essay's third step: what was trained on all classes adapts to others by a constant in feature space.</summary>
    [Fact]
    public void Adapt_SupervisedModel_TellsClassesApartByOffsetsOfItsFeatures()
    {
        ModelFile file = First(EveryAlgorithmTests.Named("supervised", "cnn"), _patterns);
        var examples = EpisodeExamples.Load(_patterns, _patterns.EpisodeAt(7, new EpisodeShape(4, 5, 5)));
        AdaptedFile adapted = RoundTrip(ModelAdapter.Adapt(file, examples.Support, Labels(4)));
        using Predictor predictor = new(adapted);
        ImmutableArray<ImmutableArray<float>> predicted = predictor.Predict(examples.Query.Inputs);
        Assert.Equal("feature-offset", adapted.Options.Algorithm);
        Assert.True(examples.Query.Labels.Select((label, i) => predicted[i].IndexOf(predicted[i].Max()) == label ? 1.0 : 0).Average() > 0.5);
    }

    [Fact]
    public void Adapted_FileThatLacksOrChangesATensor_IsRefused()
    {
        RunOptions options = EveryAlgorithmTests.Named("maml", "conv4-stride");
        AdaptedFile adapted = ModelAdapter.Adapt(First(options, _patterns), EpisodeExamples.Load(_patterns, _patterns.EpisodeAt(1, options.EpisodeShape)).Support, Labels(3));
        SafetensorsContent content = SafetensorsReader.Read(adapted.ToSafetensors(), "test");
        foreach (SafetensorsTensor tensor in content.Tensors)
        {
            Assert.Throws<DataException>(() => AdaptedFile.FromSafetensors(content with { Tensors = content.Tensors.Remove(tensor) }, "test"));
            byte[] bytes = [.. tensor.Bytes.Span];
            bytes[^1] ^= 0x40;
            Assert.Throws<DataException>(() => AdaptedFile.FromSafetensors(content with { Tensors = content.Tensors.Replace(tensor, tensor with { Bytes = bytes }) }, "test"));
        }

        Assert.Throws<DataException>(() => AdaptedFile.FromSafetensors(content with { Metadata = content.Metadata.SetItem("labels", """["a","a","b"]""") }, "test"));
        Assert.Throws<DataException>(() => new Predictor(adapted with { Statistics = adapted.Statistics[..^1] }));
        Assert.Throws<DataException>(() => new Predictor(adapted with { Statistics = [.. adapted.Statistics.Select(values => values[..^1])] }));
    }

    [Fact]
    public void Adapted_FileWithDamagedOrNoMetadata_SaysWhatIsWrong()
    {
        RunOptions options = EveryAlgorithmTests.Named("maml", "cnn");
        AdaptedFile adapted = ModelAdapter.Adapt(First(options, _patterns), EpisodeExamples.Load(_patterns, _patterns.EpisodeAt(1, options.EpisodeShape)).Support, Labels(3));
        SafetensorsContent content = SafetensorsReader.Read(adapted.ToSafetensors(), "test");
        string Refusal(ImmutableDictionary<string, string> metadata) =>
            Assert.Throws<DataException>(() => AdaptedFile.FromSafetensors(content with { Metadata = metadata }, "test")).Message;
        Assert.Contains("its metadata labels is not valid JSON for the labels of an adapted model", Refusal(content.Metadata.SetItem("labels", "[\"a\"")), StringComparison.Ordinal);
        Assert.Contains("older version of metamap adapt", Refusal(content.Metadata.Remove("task_sha256")), StringComparison.Ordinal);
        Assert.Contains("lacks a part", Refusal(content.Metadata.SetItem("data", "{}")), StringComparison.Ordinal);
    }

    [Fact]
    public void Adapt_RateThatExplodes_IsRefused()
    {
        RunOptions options = EveryAlgorithmTests.Named("maml", "cnn", ("inner_lr", 1e30));
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => ModelAdapter.Adapt(
            First(options, _patterns), EpisodeExamples.Load(_patterns, _patterns.EpisodeAt(1, options.EpisodeShape)).Support, Labels(3)));
        Assert.Contains("give fewer --inner-steps", error.Message, StringComparison.Ordinal);
    }

    private static ModelFile First(RunOptions options, IEpisodeDataset dataset)
    {
        var shape = TaskShape.Of(options, dataset.Catalog);
        return new ModelFile("run", 0, options, shape, shape.Schema(options).Initialize(3));
    }

    private static ImmutableArray<string> Labels(int classes) => [.. Enumerable.Range(0, classes).Select(i => $"label {i}")];

    private static AdaptedFile RoundTrip(AdaptedFile file) => AdaptedFile.FromSafetensors(SafetensorsReader.Read(file.ToSafetensors(), "test"), "test");
}
