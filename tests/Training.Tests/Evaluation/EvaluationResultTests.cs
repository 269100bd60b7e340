using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;

namespace MetaMap.Training.Tests.Evaluation;

public class EvaluationResultTests
{
    [Fact]
    public void OfSteps_TwoEpisodes_IsTheMeanAfterEachStep()
    {
        EpisodeEvaluation[] episodes = [new([new(0, 1, 0, 2, 0), new(1, 3, 1, 4, 0.5f)]), new([new(0, 2, 0, 2, 0), new(1, 5, 0, 8, 0.5f)])];
        var steps = EvaluationResult.OfSteps(episodes, []);
        Assert.Equal([(0, 2), (1, 2)], steps.Select(step => (step.InnerSteps, step.Episodes)));
        Assert.Equal((4.0, 0.5, 6.0, 0.5), (
            steps[1].QueryLoss.Mean, steps[1].TransductiveAccuracyFraction.Mean, steps[1].InductiveQueryLoss.Mean, steps[1].InductiveAccuracyFraction.Mean));
        Assert.Equal(1.96, steps[1].QueryLoss.HalfWidth95, 9);
        Assert.Equal(steps[1], EvaluationResult.Of(episodes.Select(episode => episode.Last)));
    }

    [Fact]
    public void Of_OneEpisode_HasNoInterval() => Assert.True(double.IsNaN(EvaluationResult.Of(new StepEvaluation[] { new(1, 3, 1, 4, 0.5f) }).QueryLoss.HalfWidth95));

    [Fact]
    public void Of_Baselines_AreTheirMeansByName()
    {
        EvaluatedEpisode[] episodes = [new(default, [0.5f, 1]), new(default, [0.25f, 1])];
        Assert.Equal([("a", 0.375), ("b", 1)], EvaluationResult.Of(episodes, ["a", "b"]).Baselines.Select(baseline => (baseline.Name, baseline.Measure.Mean)));
        Assert.Equal(["a"], EvaluationResult.Of([.. episodes, new(default, [1])], ["a", "b"]).Baselines.Select(baseline => baseline.Name));
    }
}
