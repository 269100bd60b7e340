using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Tests.Loop;

public sealed class MetaTrainingTests
{
    private static readonly MetaTraining _sgd = TinyRun.Training(TinyRun.Options.With(("meta_optimizer", "sgd"), ("meta_lr", 0.5)));

    [Fact]
    public void Commit_CompleteRound_StepsByTheMeanOverEpisodes()
    {
        MetaState before = _sgd.Begin();
        MetaRound round = Complete(_sgd.OpenRound(before), block => Constant(block, gradientSum: block.Block.Episodes.Length * 4f, loss: 2, accuracy: 0.5f));
        (MetaState after, IterationMetrics metrics) = _sgd.Step(before, round);
        Assert.Equal(before.Parameters.Values.ToArray().Select(value => value - 2), after.Parameters.Values.ToArray());
        Assert.Equal(1, after.Iteration);
        Assert.Equal(new IterationMetrics(1, 2, 0.5, 4 * Math.Sqrt(_sgd.Layout.Length), 7, 0), metrics);
    }

    [Fact]
    public void Commit_BlocksThatArriveInAnyOrder_GivesTheSameBits()
    {
        MetaState before = _sgd.Begin();
        string[] bits = [.. new[] { new[] { 0, 1, 2, 3 }, [3, 2, 1, 0], [2, 0, 3, 1] }.Select(order =>
            _sgd.Step(before, Arrive(_sgd.OpenRound(before), before, order)).State.Parameters.Sha256)];
        Assert.Single(bits.Distinct());
    }

    [Fact]
    public void Commit_ExcludedBlock_IsNotInTheMean()
    {
        MetaState before = _sgd.Begin();
        MetaRound round = Complete(_sgd.OpenRound(before), block => block.Block.Index == 1
            ? block with { IsGivenUp = true, Failures = [new BlockFailure(1, "w-7", "out of memory")] } : Constant(block, block.Block.Episodes.Length * 4f, 2, 1));
        (MetaState after, IterationMetrics metrics) = _sgd.Step(before, round);
        Assert.Equal(before.Parameters.Values[0] - 2, after.Parameters.Values[0]);
        Assert.Equal((5, 2), (metrics.CountedEpisodes, metrics.ExcludedEpisodes));
    }

    [Theory]
    [InlineData(new[] { 0 }, null)]
    [InlineData(new[] { 0, 3 }, null)]
    [InlineData(new[] { 0, 1 }, "only 3 of 7 episodes count (block 0 of iteration 1 failed on every worker; the last, on worker w-7: out of memory); the model of iteration 0 is kept. Mend what is named there, then resume the run: no rate changes it.")]
    public void Commit_BlocksGivenUp_GoesOnWhileHalfOfTheEpisodesCount(int[] givenUp, string? reason)
    {
        MetaState before = _sgd.Begin();
        MetaRound round = Complete(_sgd.OpenRound(before), block => givenUp.Contains(block.Block.Index)
            ? block with { IsGivenUp = true, Failures = [new BlockFailure(1, "w-7", "out of memory")] } : Constant(block, block.Block.Episodes.Length * 4f, 2, 1));
        if (reason is null)
        {
            Assert.Equal(givenUp, _sgd.Step(before, round).Quarantined.Select(block => block.BlockIndex));
        }
        else
        {
            Assert.Contains(reason, Assert.Throws<DivergedException>(() => _sgd.Step(before, round)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Commit_OutlierBlock_IsQuarantinedAndNamesTheEpisodeWithTheLargestLoss()
    {
        MetaTraining training = TinyRun.Training(_sgd.Options with { OutlierFactor = 3 });
        MetaState before = training.Begin();
        MetaRound round = Complete(training.OpenRound(before), block => Constant(block, block.Block.Episodes.Length * (block.Block.Index == 2 ? 12.1f : 4f), 2, 1));
        BlockProgress third = round.Blocks[2];
        round = round with
        {
            Blocks = round.Blocks.SetItem(2, third with { Result = third.Result! with { Episodes = [new EpisodeMetrics(1, 1), new EpisodeMetrics(3, 1)] } }),
        };
        CompletedIteration committed = training.Step(before, round);
        QuarantinedBlock outlier = Assert.Single(committed.Quarantined);
        Assert.Equal((1, 2, 5), (outlier.Iteration, outlier.BlockIndex, outlier.EpisodeIndex));
        Assert.Contains("more than 3 times the median", outlier.Reason, StringComparison.Ordinal);
        Assert.Equal(before.Parameters.Values[0] - 2, committed.State.Parameters.Values[0]);
        Assert.Equal((5, 2), (committed.Metrics.CountedEpisodes, committed.Metrics.ExcludedEpisodes));
        Assert.Empty(_sgd.Step(before, round).Quarantined);
    }

    [Fact]
    public void Commit_MostGradientsAreZero_HasNoScaleForOutliers()
    {
        MetaTraining training = TinyRun.Training(_sgd.Options with { OutlierFactor = 3 });
        MetaState before = training.Begin();
        Assert.Empty(training.Step(before, Complete(training.OpenRound(before), block => Constant(block, block.Block.Index == 2 ? 1 : 0, 2, 1))).Quarantined);
    }

    [Fact]
    public void Commit_BlockClip_ScalesLongBlocksDownOnly()
    {
        double root = Math.Sqrt(_sgd.Layout.Length);
        MetaTraining training = TinyRun.Training(_sgd.Options with { MetaLr = 1, BlockClip = 2 * root });
        MetaState before = training.Begin();
        MetaRound round = Complete(training.OpenRound(before), block => Constant(block, block.Block.Episodes.Length * (block.Block.Index == 3 ? 1000f : 1f), 1, 1));
        float mean = (6 * 1 + 1 * 2) / 7f;
        Assert.Equal(before.Parameters.Values[0] - mean, training.Step(before, round).State.Parameters.Values[0], 1e-5f);
    }

    [Theory]
    [InlineData("median", 1f)]
    [InlineData("trimmed-mean", 1.5f)]
    public void Commit_RobustAggregation_IgnoresOneWildBlock(string aggregation, float expected)
    {
        MetaTraining training = TinyRun.Training(_sgd.Options.With(("meta_lr", 1), ("aggregation", aggregation)));
        MetaState before = training.Begin();
        float[] means = [1, 1, 1e20f, aggregation == "median" ? 1 : 2];
        MetaRound round = Complete(training.OpenRound(before), block => Constant(block, block.Block.Episodes.Length * means[block.Block.Index], 1, 1));
        Assert.Equal(before.Parameters.Values[0] - expected, training.Step(before, round).State.Parameters.Values[0], 1e-6f);
    }

    [Fact]
    public void Commit_NothingCounted_Diverges()
    {
        MetaState before = _sgd.Begin();
        DivergedException error = Assert.Throws<DivergedException>(() => _sgd.Step(before, Complete(_sgd.OpenRound(before), block => block with { IsGivenUp = true })));
        Assert.Contains("tiny-run failed at iteration 1: only 0 of 7 episodes count (block 0 of iteration 1 failed on every worker); the model of iteration 0 is kept", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validated_NotFinite_DivergesAndSaysWhatToSet()
    {
        MetaTraining training = TinyRun.Training(TinyRun.Options with { ValidationInterval = 2 });
        MetaState measured = training.Begin() with { Iteration = 2 };
        DivergedException error = Assert.Throws<DivergedException>(() => training.Validated(measured, EvaluationResult.Of([new(3, float.NaN, 0, 1, 0), new(3, 1, 0, 1, 0)])));
        Assert.Equal(
            "Run tiny-run diverged at iteration 3: its loss on the validation classes after 3 inner steps is not finite; the model of iteration 2 is kept. "
            + "Convolutions are checked before they are used, so it is the numbers: set --inner-lr 0.1 or less instead of 1; "
            + "or --inner-clip 1, which bounds every inner step; or --meta-lr 0.0003 or less instead of 0.003.", error.Message);
    }

    [Theory]
    [InlineData("maml", "set --inner-lr 0.1 or less instead of 1; or --inner-clip 1,")]
    [InlineData("maml", "set --inner-lr 1, the default of such a run, or less instead of 1000000.", 1e6)]
    [InlineData("pretrain", "set --inner-lr 0.001 or less instead of 0.01.")]
    [InlineData("protonet", "scale the data so that its numbers are near 1.")]
    public void Commit_FirstIterationIsNotFinite_SaysWhatTheRunCanSet(string algorithm, string advice, double? rate = null)
    {
        MetaTraining training = TinyRun.Training(OptionValues.Of(("algorithm", algorithm), ("ways", 2), ("queries", 2), ("filters", 1), ("meta_batch", 7), ("block", 2), ("inner_lr", rate)).Resolve());
        MetaState before = training.Begin();
        string message = Assert.Throws<DivergedException>(() => training.Step(
            before, Complete(training.OpenRound(before), block => block with { IsGivenUp = true, NonFiniteEpisode = 0 }))).Message;
        Assert.Contains(advice, message, StringComparison.Ordinal);
        Assert.DoesNotContain("--meta-lr", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sgd", 3e38f)]
    [InlineData("adam", 1e25f)]
    public void Commit_UpdateThatOverflows_DivergesInsteadOfFreezingParameters(string optimizer, float gradient)
    {
        MetaTraining training = TinyRun.Training(TinyRun.Options.With(("meta_optimizer", optimizer), ("meta_lr", 100)));
        MetaState before = training.Begin();
        Assert.Throws<DivergedException>(() =>
            training.Step(before, Complete(training.OpenRound(before), block => Constant(block, block.Block.Episodes.Length * gradient / 10, 1, 1))));
    }

    [Fact]
    public void Commit_LargeFiniteGradient_HasAFiniteNorm()
    {
        MetaTraining training = TinyRun.Training(TinyRun.Options.With(("meta_optimizer", "sgd"), ("meta_lr", 1e-30)));
        MetaState before = training.Begin();
        double norm = training.Step(before, Complete(training.OpenRound(before), block => Constant(block, block.Block.Episodes.Length * 1e25f, 1, 1)))
            .Metrics.MetaGradientNorm;
        Assert.Equal(1e25 * Math.Sqrt(training.Layout.Length), norm, norm * 1e-6);
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(1000, true)]
    public void Commit_MetaClip_ScalesLongGradientsDownOnly(double clip, bool isWhole)
    {
        MetaTraining training = TinyRun.Training(_sgd.Options with { MetaLr = 1, MetaClip = clip });
        double length = 4 * Math.Sqrt(training.Layout.Length);
        MetaState before = training.Begin();
        (MetaState after, IterationMetrics metrics) = training.Step(
            before, Complete(training.OpenRound(before), block => Constant(block, block.Block.Episodes.Length * 4f, 1, 1)));
        Assert.Equal(length, metrics.MetaGradientNorm, 1e-9);
        double expected = Math.Min(1, clip / length) * 4;
        Assert.Equal(isWhole, expected == 4);
        Assert.Equal(before.Parameters.Values[0] - expected, after.Parameters.Values[0], 1e-6);
    }

    [Fact]
    public void Commit_Warmup_StepsByTheRateOfTheIteration()
    {
        MetaTraining training = TinyRun.Training(_sgd.Options with { MetaLr = 0.5, WarmupIterations = 3 });
        MetaState before = training.Begin();
        MetaState after = training.Step(before, Complete(training.OpenRound(before), block => Constant(block, block.Block.Episodes.Length * 4f, 1, 1))).State;
        Assert.Equal(before.Parameters.Values[0] - 0.125f * 4, after.Parameters.Values[0], 1e-6f);
    }

    [Fact]
    public void Begin_SameSeed_IsTheSameState()
    {
        Assert.Equal(_sgd.Begin(), TinyRun.Training(_sgd.Options).Begin());
        Assert.NotEqual(_sgd.Begin().Parameters, TinyRun.Training(_sgd.Options with { Seed = 6 }).Begin().Parameters);
    }

    [Fact]
    public void OpenRound_TheNextIteration_HasAllEpisodesInBlocks()
    {
        MetaRound round = _sgd.OpenRound(_sgd.Begin());
        Assert.Equal(("tiny-run", 1, false), (round.RunId, round.Iteration, round.IsComplete));
        Assert.Equal([2, 2, 2, 1], round.Blocks.Select(block => block.Block.Episodes.Length));
        Assert.Equal(Enumerable.Range(0, 7), round.Blocks.SelectMany(block => block.Block.Episodes).Select(episode => episode.Index));
    }

    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(1, int.MaxValue)]
    [InlineData(3, 4)]
    public void Constructor_MoreExamplesThanTheClassesHave_IsADataException(int shots, int queries) =>
        Assert.Contains("ask for fewer shots or queries", Assert.Throws<DataException>(() =>
            TinyRun.Training(TinyRun.Options with { Shots = shots, Queries = queries })).Message, StringComparison.Ordinal);

    private static MetaRound Complete(MetaRound round, Func<BlockProgress, BlockProgress> settle) =>
        round with { Blocks = [.. round.Blocks.Select(settle)] };

    private static BlockProgress Constant(BlockProgress block, float gradientSum, float loss, float accuracy)
    {
        float[] values = new float[_sgd.Layout.Length];
        Array.Fill(values, gradientSum);
        return block with
        {
            Result = new BlockGradient(
                new ParameterVector(_sgd.Layout, values), [.. block.Block.Episodes.Select(_ => new EpisodeMetrics(loss, accuracy))]),
        };
    }

    private static MetaRound Arrive(MetaRound round, MetaState state, int[] order)
    {
        foreach (int index in order)
        {
            BlockProgress block = round.Blocks[index];
            (round, Judgement judgement) = MetaRoundPolicy.Accept(
                round, new BlockResultHeader(round.RunId, 1, index, 1, "w", round.Parameters.Sha256, round.Layout.Digest, block.Block.Episodes.Length),
                FakeEpisodeLearner.Compute(state.Parameters, block.Block), ImmutableArray<string>.Empty, TimeSpan.Zero, LeasePolicy.Default);
            Assert.Equal(BlockVerdict.Counted, judgement.Verdict);
        }

        return round;
    }
}
