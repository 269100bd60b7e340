using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Tests;

public sealed class EpisodeLearnerTests
{
    private static readonly OptionValues Given = OptionValues.Of(("ways", 3), ("shots", 2), ("queries", 3), ("filters", 8), ("inner_steps", 2));
    private static readonly RunOptions Options = Given.Resolve();
    private static readonly PatternDataset Dataset = new(classes: 12);
    private static readonly EpisodeShape Shape = Options.EpisodeShape;

    public static TheoryData<string, string> AlgorithmsAndModels => new()
    {
        { "maml", "conv4-stride" }, { "maml", "conv4" }, { "maml", "cnn" }, { "fomaml", "conv4-stride" }, { "fomaml", "cnn" },
        { "anil", "conv4-stride" }, { "boil", "conv4-stride" }, { "meta-sgd", "conv4-stride" }, { "maml++", "conv4-stride" }, { "maml++", "cnn" },
    };

    /// <summary>Layer by layer and through graphs; the episodes of a training iteration alone are changed.</summary>
    [Theory]
    [InlineData("maml")]
    [InlineData("protonet")]
    public void ComputeBlock_Augmented_IsThatOfTheChangedImagesAndEvaluationIsNot(string algorithm)
    {
        RunOptions plain = Given.With(("algorithm", algorithm)).WithoutUnread().Resolve();
        RunOptions options = plain.With(("augment", "crop,flip"));
        ParameterVector theta = Theta(options);
        EpisodeBlock block = Dataset.BlockOf(Shape, 4, 5);
        using EpisodeLearner learner = EpisodeLearner.Create(options, Dataset);
        using EpisodeLearner unchanged = EpisodeLearner.Create(plain, Dataset);
        string Bits(EpisodeLearner lane, int iteration, EpisodeBlock of) => lane.ComputeBlock(theta, iteration, of, CancellationToken.None).GradientSum.Sha256;

        Assert.Equal(Bits(learner, 3, block), Bits(learner, 3, block));
        Assert.NotEqual(Bits(learner, 3, block), Bits(learner, 4, block));
        Assert.NotEqual(Bits(learner, 3, block), Bits(unchanged, 3, block));
        Episode first = block.Episodes[0];
        var loaded = EpisodeFile.Of(EpisodeExamples.LoadForTraining(Dataset, first, options, 3));
        var compared = EpisodeGradient.Compute(options, Dataset.Catalog, theta, 3, loaded, first);
        float[] expected = [.. compared.Gradient.SelectMany(tensor => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray())];
        Assert.Equal(expected, learner.ComputeBlock(theta, 3, new EpisodeBlock(0, [first]), CancellationToken.None).GradientSum.Values.ToArray());
        Assert.Equal(unchanged.Evaluate(theta, first, 0).Steps.ToArray(), learner.Evaluate(theta, first, 0).Steps.ToArray());
    }

    [Theory]
    [MemberData(nameof(AlgorithmsAndModels))]
    public void ComputeBlock_AnyThreadAndAnyTime_GivesTheSameBits(string algorithm, string model)
    {
        RunOptions options = Given.With(("algorithm", algorithm), ("model", model), ("filters", model == "cnn" ? null : 32)).Resolve();
        ParameterVector theta = Theta(options);
        EpisodeBlock block = Dataset.BlockOf(Shape, 4, 5);
        BlockGradient[] results = new BlockGradient[6];
        Thread[] threads =
        [
            .. Enumerable.Range(0, 2).Select(lane => new Thread(() =>
            {
                using EpisodeLearner learner = EpisodeLearner.Create(options, Dataset);
                for (int i = lane; i < results.Length; i += 2)
                {
                    results[i] = learner.ComputeBlock(theta, 1, block, CancellationToken.None);
                }
            })),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.All(results, result =>
        {
            Assert.Equal(results[0].GradientSum.Sha256, result.GradientSum.Sha256);
            Assert.Equal(results[0].Episodes.ToArray(), result.Episodes.ToArray());
        });
        Assert.All(results[0].GradientSum.Values.ToArray(), value => Assert.True(float.IsFinite(value)));
        Assert.Contains(results[0].GradientSum.Values.ToArray(), value => value != 0);
    }

    [Fact]
    public void ComputeBlock_AnyPartition_GivesTheSameSum()
    {
        ParameterVector theta = Theta(Options);
        using EpisodeLearner learner = EpisodeLearner.Create(Options, Dataset);
        float[] Sum(params int[][] blocks)
        {
            float[] sum = new float[theta.Layout.Length];
            foreach (int[] block in blocks)
            {
                ReadOnlySpan<float> gradient = learner
                    .ComputeBlock(theta, 1, Dataset.BlockOf(Shape, block), CancellationToken.None).GradientSum.Values;
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += gradient[i];
                }
            }

            return sum;
        }

        float[] whole = Sum([0, 1, 2, 3, 4, 5]);
        AssertClose(whole, Sum([0], [1], [2], [3], [4], [5]), 1e-6);
        AssertClose(whole, Sum([0, 1], [2, 3, 4], [5]), 1e-6);
        AssertClose(whole, Sum([0, 1, 2, 3], [4, 5]), 1e-6);
    }

    [Fact]
    public void ComputeBlock_MeanOfEpisodes_IsTheGradientOfTheMeanLoss()
    {
        // Through graphs, whose rounding is alike: a ReLU near zero may fall the other way elsewhere.
        RunOptions options = Given.With(("batching", RunOptions.Unbatched)).Resolve();
        ParameterVector theta = Theta(options);
        EpisodeBlock block = Dataset.BlockOf(Shape, 0, 1, 2);
        using EpisodeLearner learner = EpisodeLearner.Create(options, Dataset);
        BlockGradient result = learner.ComputeBlock(theta, 1, block, CancellationToken.None);

        using DisposeScope scope = torch.NewDisposeScope();
        IModel model = options.ModelSpec(Dataset.Catalog.Input, options.EpisodeShape.Ways).CreateModel(Here.Convolution);
        torch.Tensor[] leaves = ParameterTensors.Leaves(theta);
        var meanLoss = torch.stack(block.Episodes.Select(episode =>
        {
            EpisodeTensors data = EpisodeTensors.Of(EpisodeExamples.Load(Dataset, episode));
            IReadOnlyList<torch.Tensor> fast = leaves;
            for (int step = 0; step < options.Of<InnerLoopOptions>().InnerSteps; step++)
            {
                torch.Tensor supportLoss = F.cross_entropy(model.Forward(fast, data.SupportInputs, ForwardPass.Transductive), data.SupportTargets);
                IList<torch.Tensor> gradient = torch.autograd.grad([supportLoss], [.. fast], retain_graph: true, create_graph: true);
                fast = [.. fast.Zip(gradient, (weights, slope) => weights - options.Of<InnerLoopOptions>().InnerLr * slope)];
            }

            return F.cross_entropy(model.Forward(fast, data.QueryInputs, ForwardPass.Transductive), data.QueryTargets);
        })).mean();

        Assert.Equal(meanLoss.item<float>(), result.Episodes.Average(e => e.QueryLoss), 1e-6f);
        float[] mean = ParameterTensors.ToVector(theta.Layout, [.. torch.autograd.grad([meanLoss], leaves)]).Values.ToArray();
        AssertClose(mean, [.. result.GradientSum.Values.ToArray().Select(value => value / 3)], 1e-5);
    }

    [Fact]
    public void ComputeBlock_InnerRateZero_MamlEqualsFomaml()
    {
        RunOptions options = Given.With(("inner_lr", 0)).Resolve();
        ParameterVector theta = Theta(options);
        BlockGradient Compute(string algorithm)
        {
            using EpisodeLearner learner = EpisodeLearner.Create(Given.With(("inner_lr", 0), ("algorithm", algorithm)).Resolve(), Dataset);
            return learner.ComputeBlock(theta, 1, Dataset.BlockOf(Shape, 0, 1), CancellationToken.None);
        }

        AssertClose(Compute("maml").GradientSum.Values.ToArray(), Compute("fomaml").GradientSum.Values.ToArray(), 1e-6);
    }

    [Theory]
    [MemberData(nameof(AlgorithmsAndModels))]
    public void Learner_ManyCalls_LeakNoTensor(string algorithm, string model)
    {
        RunOptions options = Given.With(("algorithm", algorithm), ("model", model), ("filters", model == "cnn" ? null : 8)).Resolve();
        ParameterVector theta = Theta(options);
        using EpisodeLearner learner = EpisodeLearner.Create(options, Dataset);
        // What is kept from call to call.
        learner.ComputeBlock(theta, 1, Dataset.BlockOf(Shape, 0, 1), CancellationToken.None);
        learner.Evaluate(theta, Dataset.EpisodeAt(0, Shape), innerSteps: 2);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        long outsideBefore = DisposeScopeManager.Statistics.CreatedOutsideScopeCount;
        for (int i = 0; i < 3; i++)
        {
            learner.ComputeBlock(theta, 1, Dataset.BlockOf(Shape, i, i + 1), CancellationToken.None);
            learner.Evaluate(theta, Dataset.EpisodeAt(i, Shape), innerSteps: 2);
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(outsideBefore, DisposeScopeManager.Statistics.CreatedOutsideScopeCount);
    }

    [Fact]
    public void Adapt_ManySteps_KeepsNoMoreTensorsThanOneStep()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] theta = ParameterTensors.Leaves(Theta(Options));
        IModel model = Options.ModelSpec(Dataset.Catalog.Input, Options.EpisodeShape.Ways).CreateModel(Here.Convolution);
        var problem = new EpisodeProblem(
            model, EpisodeTensors.Of(EpisodeExamples.Load(Dataset, Dataset.EpisodeAt(0, Shape))), Loss.MeanCrossEntropy);
        var fomaml = MamlVariant.Fomaml.Create(new InnerLoop(0.1, 1));
        long Kept(int innerSteps)
        {
            long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            long most = 0;
            fomaml.Adapt(theta, problem, innerSteps, (step, _) =>
                most = Math.Max(most, DisposeScopeManager.Statistics.ThreadTotalLiveCount - before));
            return most;
        }

        Assert.Equal(theta.Length, Kept(1));
        Assert.Equal(theta.Length, Kept(10));
    }

    [Theory]
    [InlineData("conv4-stride")]
    [InlineData("cnn")]
    public void Evaluate_SeparableClasses_AdaptationLearnsThem(string model)
    {
        RunOptions options = Given.With(("model", model), ("filters", model == "cnn" ? null : 16), ("inner_lr", 0.1)).Resolve();
        ParameterVector theta = Theta(options);
        using EpisodeLearner learner = EpisodeLearner.Create(options, Dataset);
        EpisodeEvaluation[] Evaluate(int innerSteps) =>
            [.. Enumerable.Range(0, 5).Select(i => learner.Evaluate(theta, Dataset.EpisodeAt(i, Shape), innerSteps))];

        EpisodeEvaluation[] before = Evaluate(0);
        EpisodeEvaluation[] after = Evaluate(30);
        Assert.True(after.Average(e => e.Last.QueryLoss) < 0.5 * before.Average(e => e.Last.QueryLoss));
        Assert.True(after.Average(e => e.Last.TransductiveAccuracyFraction) > 0.9);
        Assert.True(after.Average(e => e.Last.InductiveAccuracyFraction) > 0.9);
    }

    [Fact]
    public void Evaluate_SameEpisode_GivesTheMetricsOfTraining()
    {
        ParameterVector theta = Theta(Options);
        using EpisodeLearner learner = EpisodeLearner.Create(Options, Dataset);
        EpisodeMetrics trained = learner.ComputeBlock(theta, 1, Dataset.BlockOf(Shape, 3), CancellationToken.None).Episodes[0];
        EpisodeEvaluation evaluated = learner.Evaluate(theta, Dataset.EpisodeAt(3, Shape), Options.Of<InnerLoopOptions>().InnerSteps);
        Assert.Equal(trained.QueryLoss, evaluated.Last.QueryLoss, 1e-5f);
        Assert.Equal(trained.QueryAccuracyFraction, evaluated.Last.TransductiveAccuracyFraction);
    }

    [Fact]
    public void Create_UnknownAlgorithm_ListsTheChoices()
    {
        var error = Assert.Throws<ConfigurationException>(
            () => EpisodeLearner.Create(Given.With(("algorithm", "reptile2")).Resolve(), Dataset));
        Assert.StartsWith("There is no algorithm 'reptile2'; choose one of maml, fomaml", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ComputeBlock_ForeignParametersOrEpisode_AreRefused()
    {
        using EpisodeLearner learner = EpisodeLearner.Create(Options, Dataset);
        ParameterVector foreign = Theta(Given.With(("filters", 4)).Resolve());
        Assert.Throws<ArgumentException>(
            () => learner.ComputeBlock(foreign, 1, Dataset.BlockOf(Shape, 0), CancellationToken.None));
        Assert.Throws<ArgumentException>(
            () => learner.Evaluate(Theta(Options), Dataset.EpisodeAt(0, new EpisodeShape(4, 1, 1)), 1));
    }

    [Fact]
    public void ComputeBlock_Cancelled_Throws()
    {
        using EpisodeLearner learner = EpisodeLearner.Create(Options, Dataset);
        Assert.Throws<OperationCanceledException>(
            () => learner.ComputeBlock(Theta(Options), 1, Dataset.BlockOf(Shape, 0), new CancellationToken(canceled: true)));
    }

    private static ParameterVector Theta(RunOptions options) =>
        FirstParameters.Of(options, Dataset, seed: 3);

    private static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        double difference = Math.Sqrt(expected.Zip(actual, (a, b) => Math.Pow((double)a - b, 2)).Sum());
        double scale = Math.Sqrt(expected.Sum(a => (double)a * a));
        Assert.True(difference <= tolerance * scale, $"relative difference {difference / scale:e2}");
    }
}
