using System.Collections.Immutable;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Tests.Loop;

/// <summary>Running means: moved by what episodes observed, seen by no optimiser.</summary>
public sealed class StatisticTests
{
    static StatisticTests() => PartRegistry.Algorithms.Add(new RunningMeanAlgorithm());

    [Theory]
    [InlineData("adam")]
    [InlineData("sgd")]
    public void Commit_RunningMean_MovesATenthOfTheWayToTheObserved(string optimizer)
    {
        MetaTraining training = Training(optimizer);
        MetaState state = training.Begin();
        float[] mean = [2, 2];
        for (int i = 0; i < 3; i++)
        {
            state = training.Step(state, Observe(training, state, observed: [7, -3], gradient: 0.5f)).State;
            mean = [mean[0] + 0.1f * (7 - mean[0]), mean[1] + 0.1f * (-3 - mean[1])];
            Assert.Equal(mean[0], state.Parameters[1][0], 1e-5f);
            Assert.Equal(mean[1], state.Parameters[1][1], 1e-5f);
        }
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("sgd")]
    public void Commit_RunningMean_IsSeenByNoOptimizerAndNoNorm(string optimizer)
    {
        MetaTraining training = Training(optimizer);
        MetaState before = training.Begin();
        (MetaState far, IterationMetrics metrics) = training.Step(before, Observe(training, before, [1000, -1000], gradient: 0.5f));
        MetaState still = training.Step(before, Observe(training, before, [2, 2], gradient: 0.5f)).State;
        Assert.Equal(still.Optimizer, far.Optimizer);
        Assert.Equal(still.Parameters[0].ToArray(), far.Parameters[0].ToArray());
        Assert.All(far.Optimizer.Slots, slot => Assert.Equal([0, 0], slot.Values[1].ToArray()));
        Assert.Equal(0.5, metrics.MetaGradientNorm, 1e-6);
    }

    private static MetaTraining Training(string optimizer) => TinyRun.Training(OptionValues.Of(("algorithm", RunningMeanAlgorithm.Key), ("meta_optimizer", optimizer), ("meta_momentum", optimizer == "sgd" ? 0.9 : null), ("meta_clip", 1), ("ways", 2), ("meta_batch", 4), ("block", 2), ("eval_episodes", 0)).Resolve());

    /// <summary>Every episode reports (stored - observed) in the place of the running mean's gradient.</summary>
    private static MetaRound Observe(MetaTraining training, MetaState state, float[] observed, float gradient)
    {
        MetaRound round = training.OpenRound(state);
        return round with
        {
            Blocks = [.. round.Blocks.Select(block =>
            {
                int episodes = block.Block.Episodes.Length;
                ReadOnlySpan<float> stored = state.Parameters[1];
                float[] sum = [gradient * episodes, (stored[0] - observed[0]) * episodes, (stored[1] - observed[1]) * episodes];
                return block with
                {
                    Result = new BlockGradient(
                        new ParameterVector(training.Layout, sum), [.. block.Block.Episodes.Select(_ => new EpisodeMetrics(1, 1))]),
                };
            })],
        };
    }

    private sealed class RunningMeanAlgorithm : IAlgorithmDefinition
    {
        public const string Key = "running-mean-of-tests";

        public string Name => Key;

        public string Summary => "one weight and two running means";

        public object Options { get; } = new NoOptions();

        public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object> { ["meta_lr"] = 0.1 };

        public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) =>
        [
            new("w", Initializers.Ones, ParameterRole.Body, 1),
            new("running_mean", Initializers.Constant(2), ParameterRole.Statistic, 2),
        ];
    }
}
