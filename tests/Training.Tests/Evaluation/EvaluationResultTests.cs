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
        Assert.Equal(12.7062, steps[1].QueryLoss.HalfWidth95, 4);
        Assert.Equal(steps[1], EvaluationResult.Of([.. episodes.Select(episode => episode.Last)]));
    }

    [Fact]
    public void Of_OneEpisode_HasNoInterval() => Assert.True(double.IsNaN(EvaluationResult.Of(new StepEvaluation[] { new(1, 3, 1, 4, 0.5f) }).QueryLoss.HalfWidth95));

    [Fact]
    public void Of_OneTask_HasNoInterval()
    {
        EvaluationResult result = EvaluationResult.Of(new StepEvaluation[] { new(1, 3, 1, 4, 0.5f), new(1, 5, 0, 4, 0.5f) }, EpisodeTasks.Of(["7 9", "7 9"]));
        Assert.Equal((4.0, 2, 1), (result.QueryLoss.Mean, result.Episodes, result.Tasks));
        Assert.True(double.IsNaN(result.QueryLoss.HalfWidth95));
    }

    /// <summary>With as many values in each, the interval is that of the means of the tasks, however many episodes there are.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void Of_TasksOfEqualSize_TheIntervalIsOverTheirMeans(int episodes)
    {
        double[] means = [0.4, 0.5, 0.9];
        string[] tasks = [.. Enumerable.Range(0, 3 * 2 * episodes).Select(i => $"task {i % 3}")];
        double[] values = [.. tasks.Select((_, i) => means[i % 3] + (i < tasks.Length / 2 ? 0.05 : -0.05))];
        MeanWithInterval measured = MeanWithInterval.Of(values, EpisodeTasks.Of(tasks));
        Assert.Equal(0.6, measured.Mean, 12);
        // t of two degrees of freedom, and the standard deviation of the means.
        Assert.Equal(4.3026527 * Math.Sqrt(0.07 / 3), measured.HalfWidth95, 6);
    }

    [Fact]
    public void Of_EveryEpisodeOfAnotherTask_IsTheIntervalOfIndependentValues()
    {
        double[] values = [1, 2, 4, 8];
        Assert.Equal(MeanWithInterval.Of(values), MeanWithInterval.Of(values, EpisodeTasks.Of(["a", "b", "c", "d"])));
        // Of four values, t has three degrees of freedom.
        Assert.Equal(1, MeanWithInterval.Of(values).HalfWidth95 / (3.1824 * Math.Sqrt(28.75 / 3 / 4)), 0.002);
        // Two of four hundred share a task: hardly another interval.
        double[] many = [.. Enumerable.Range(0, 400).Select(i => Math.Sin(i))];
        double shared = MeanWithInterval.Of(many, EpisodeTasks.Of(many.Select((_, i) => i == 9 ? "8" : $"{i}"))).HalfWidth95;
        Assert.InRange(shared / MeanWithInterval.Of(many).HalfWidth95, 0.99, 1.02);
    }

    [Theory]
    [InlineData(1, 12.7062)]
    [InlineData(2, 4.3027)]
    [InlineData(3, 3.1824)]
    [InlineData(5, 2.5706)]
    [InlineData(10, 2.2281)]
    [InlineData(30, 2.0423)]
    [InlineData(1000, 1.9623)]
    public void Quantile975_IsThatOfTheTables(int degreesOfFreedom, double expected) =>
        Assert.Equal(1, StudentT.Quantile975(degreesOfFreedom) / expected, 0.002);

    [Fact]
    public void NameOf_OrderAndTurns_AreNoOtherTask()
    {
        Episode episode = new(0, [new EpisodeClass(12, 0, [1], [2]), new EpisodeClass(3, 2, [1], [2])]);
        Assert.Equal(EpisodeTasks.NameOf(episode), EpisodeTasks.NameOf(new Episode(5, [new EpisodeClass(3, 0, [7], [2]), new EpisodeClass(12, 1, [1], [9])])));
        Assert.NotEqual(EpisodeTasks.NameOf(episode), EpisodeTasks.NameOf(new Episode(0, [new EpisodeClass(1, 0, [1], [2]), new EpisodeClass(23, 2, [1], [2])])));
    }

    [Fact]
    public void Of_Baselines_AreTheirMeansByName()
    {
        EvaluatedEpisode[] episodes = [new(default, [0.5f, 1]), new(default, [0.25f, 1])];
        Assert.Equal([("a", 0.375), ("b", 1)], EvaluationResult.Of(episodes, ["a", "b"]).Baselines.Select(baseline => (baseline.Name, baseline.Measure.Mean)));
        Assert.Equal(["a"], EvaluationResult.Of([.. episodes, new(default, [1])], ["a", "b"]).Baselines.Select(baseline => baseline.Name));
    }
}
