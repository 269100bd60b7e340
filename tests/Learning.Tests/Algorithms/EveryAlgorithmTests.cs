using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>What holds for every algorithm of the catalog.</summary>
public sealed class EveryAlgorithmTests
{
    private static readonly OptionValues _options = TrainingRun.Options.With(("filters", 32));
    private static readonly PatternDataset _patterns = TrainingRun.Dataset;
    private static readonly PatternRegression _regression = new(tasks: 12);

    public static TheoryData<string, string> AlgorithmsAndModels
    {
        get
        {
            var data = new TheoryData<string, string> { { "feature-offset:gradient", "conv4-stride" } };
            foreach (string name in PartRegistry.Algorithms.Names)
            {
                data.Add(name, "conv4-stride");
                data.Add(name, "cnn");
            }

            return data;
        }
    }

    public static TheoryData<string> RegressionAlgorithms =>
        [.. PartRegistry.Algorithms.Names.Where(name => name is not "protonet"), "feature-offset:gradient"];

    [Theory]
    [MemberData(nameof(AlgorithmsAndModels))]
    public void ComputeBlock_AnyThreadAndAnyTime_GivesTheSameBits(string algorithm, string model)
    {
        RunOptions options = Named(algorithm, model);
        ParameterVector theta = FirstParameters.Of(options, _patterns, seed: 3);
        EpisodeBlock block = Episodes(options);
        BlockGradient[] results = new BlockGradient[4];
        Thread[] threads =
        [
            .. Enumerable.Range(0, 2).Select(lane => new Thread(() =>
            {
                using EpisodeLearner learner = EpisodeLearner.Create(options, _patterns);
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
        AssertIsGradient(results[0]);
    }

    [Theory]
    [MemberData(nameof(AlgorithmsAndModels))]
    public void Learner_ManyCalls_LeakNoTensor(string algorithm, string model)
    {
        RunOptions options = Named(algorithm, model);
        ParameterVector theta = FirstParameters.Of(options, _patterns, seed: 3);
        EpisodeBlock block = Episodes(options);
        using EpisodeLearner learner = EpisodeLearner.Create(options, _patterns);
        // What is kept from call to call.
        learner.ComputeBlock(theta, 1, block, CancellationToken.None);
        learner.Evaluate(theta, block.Episodes[0], Math.Min(options.EvalInnerSteps, 3), everyStep: true);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        long outsideBefore = DisposeScopeManager.Statistics.CreatedOutsideScopeCount;
        for (int i = 0; i < 2; i++)
        {
            learner.ComputeBlock(theta, 1, block, CancellationToken.None);
            learner.Evaluate(theta, block.Episodes[0], Math.Min(options.EvalInnerSteps, 3), everyStep: true);
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(outsideBefore, DisposeScopeManager.Statistics.CreatedOutsideScopeCount);
    }

    [Theory]
    [MemberData(nameof(RegressionAlgorithms))]
    public void Learner_ValuesToPredict_LearnsAndEvaluates(string algorithm)
    {
        bool hasInnerRate = RunOptionsJson.Values(Named(algorithm, "cnn"))["inner_lr"] is not null;
        RunOptions options = Named(algorithm, "cnn", ("ways", null), ("shots", 5), ("queries", 5), ("inner_lr", hasInnerRate ? 0.01 : null));
        ParameterVector theta = FirstParameters.Of(options, _regression, seed: 3);
        using EpisodeLearner learner = EpisodeLearner.Create(options, _regression);
        AssertIsGradient(learner.ComputeBlock(theta, 1, _regression.BlockOf(options.EpisodeShape, 0, 1), CancellationToken.None));
        int steps = options.EvalInnerSteps;
        EpisodeEvaluation evaluation = learner.Evaluate(theta, _regression.EpisodeAt(2, options.EpisodeShape), steps, everyStep: true);
        Assert.Equal(Enumerable.Range(0, steps + 1), evaluation.Steps.Select(step => step.InnerSteps));
        Assert.All(evaluation.Steps, step => Assert.True(float.IsFinite(step.QueryLoss) && float.IsFinite(step.InductiveQueryLoss)));
        Assert.True(steps == 0 || evaluation.Last.QueryLoss < evaluation.Steps[0].QueryLoss, "adaptation should help");
    }

    private static void AssertIsGradient(BlockGradient result)
    {
        float[] values = result.GradientSum.Values.ToArray();
        Assert.All(values, value => Assert.True(float.IsFinite(value)));
        Assert.Contains(values, value => value != 0);
    }

    internal static RunOptions Named(string algorithm, string model, params (string, object?)[] more) => _options.With(("algorithm", algorithm.Split(':')[0]), ("model", model), ("filters", model == "cnn" ? null : 32), ("offset_solver", algorithm.Contains(':', StringComparison.Ordinal) ? algorithm.Split(':')[1] : null)).With(more).WithoutUnread().Resolve();

    // Of training classes: not every algorithm can learn from others.
    private static EpisodeBlock Episodes(RunOptions options)
    {
        IEpisodeSampler sampler = options.SamplerFor(_patterns.Catalog);
        return new EpisodeBlock(0, [sampler.Sample(SplitPart.Train, 1, 0), sampler.Sample(SplitPart.Train, 1, 1)]);
    }
}
