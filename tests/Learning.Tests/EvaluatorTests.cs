using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;

namespace MetaMap.Learning.Tests;

public sealed class EvaluatorTests
{
    private static readonly RunOptions Options = OptionValues.Of(("ways", 3), ("queries", 2), ("filters", 8), ("inner_lr", 0.4)).Resolve();
    private static readonly PatternDataset Dataset = new(classes: 12);
    private static readonly ParameterVector Theta = FirstParameters.Of(Options, Dataset, seed: 1);

    [Fact]
    public void Evaluate_AnyNumberOfLanes_GivesTheSameSummary()
    {
        EvaluationResult one = Evaluate(lanes: 1, episodes: 12);
        Assert.Equal(one, Evaluate(lanes: 2, episodes: 12));
        Assert.Equal(one, Evaluate(lanes: 5, episodes: 12));
        Assert.Equal(12, one.Episodes);
        Assert.InRange(one.TransductiveAccuracyFraction.Mean, 0.4, 1);
        Assert.InRange(one.InductiveAccuracyFraction.HalfWidth95, 0, 1);
    }

    [Fact]
    public void Evaluate_Progress_CountsEveryEpisodeInOrder()
    {
        var counts = new List<int>();
        new Evaluator(() => new ScriptedLearner(), lanes: 3).EvaluateEach(Theta, EpisodeAt, 20, 1, progress: counts.Add);
        Assert.Equal(Enumerable.Range(1, 20), counts);
    }

    [Fact]
    public void Evaluate_ScriptedEpisodes_SumsUpInEpisodeOrder()
    {
        EvaluationResult summary = EvaluationResult.OfSteps(new Evaluator(() => new ScriptedLearner(), lanes: 2).EvaluateEach(Theta, EpisodeAt, 4, 1), [])[^1];
        Assert.Equal(1.5, summary.QueryLoss.Mean);                                    // of 0, 1, 2, 3
        Assert.Equal(0.375, summary.TransductiveAccuracyFraction.Mean);              // of 0, 1/4, 2/4, 3/4
        Assert.Equal(3.1824 * Math.Sqrt(0.3125 / 3 / 4), summary.TransductiveAccuracyFraction.HalfWidth95, 1e-3); // Student's t of 3 degrees of freedom
        Assert.Equal(0.1875, summary.InductiveAccuracyFraction.Mean);
    }

    [Fact]
    public void Evaluate_CancelledHalfWay_Throws()
    {
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => new Evaluator(() => new ScriptedLearner(), lanes: 2).EvaluateEach(
            Theta, EpisodeAt, 1000, 1, progress: count => { if (count == 5) { source.Cancel(); } }, cancellation: source.Token));
    }

    [Fact]
    public void Evaluate_FailingLane_ThrowsItsException()
    {
        var error = Assert.Throws<InvalidDataException>(() => new Evaluator(() => new ScriptedLearner(failAt: 7), lanes: 2)
            .EvaluateEach(Theta, EpisodeAt, 1000, 1));
        Assert.Equal("episode 7", error.Message);
    }

    private static EvaluationResult Evaluate(int lanes, int episodes) =>
        EvaluationResult.OfSteps(new Evaluator(() => EpisodeLearner.Create(Options, Dataset), lanes).EvaluateEach(Theta, EpisodeAt, episodes, innerSteps: 2), [])[^1];

    private static Episode EpisodeAt(int index) => Dataset.EpisodeAt(index, Options.EpisodeShape);

    private sealed class ScriptedLearner(int failAt = -1) : IEpisodeLearner
    {
        public BlockGradient ComputeBlock(ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation) =>
            throw new InvalidOperationException("An evaluation computes no meta-gradients.");

        public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep = false) =>
            episode.Index == failAt
                ? throw new InvalidDataException($"episode {failAt}")
                : new EpisodeEvaluation([new StepEvaluation(innerSteps, episode.Index, episode.Index / 4f, episode.Index, episode.Index / 8f)]);

        public void Dispose() { }
    }
}
