using MetaMap.Core.Data;
using MetaMap.Core.Episodes;
using MetaMap.Core.Training;

namespace MetaMap.Core.Tests.Training;

public sealed class ConfusionMatrixTests
{
    private static readonly DatasetCatalog _catalog = new("letters", new ImageShape(1, 1, 1), [new("a", 9), new("b", 9)], "");
    private static readonly Episode _episode = new(0, [new EpisodeClass(1, 0, [0], [1, 2, 3]), new EpisodeClass(0, 3, [0], [1, 2])]);

    [Fact]
    public void Of_CountsTrueClassByRowAndPredictedByColumn()
    {
        var matrix = ConfusionMatrix.Of(_catalog, _episode, [0, 1, 0, 1, 1]);
        Assert.Equal(["b", "a turned 270"], matrix.Classes.AsEnumerable());
        Assert.Equal([2, 1], matrix.Counts[0].AsEnumerable());
        Assert.Equal([0, 2], matrix.Counts[1].AsEnumerable());
        Assert.Throws<ArgumentException>(() => ConfusionMatrix.Of(_catalog, _episode, [0]));
    }

    [Fact]
    public void StepSummary_Of_IsTheMeanAfterEachStep()
    {
        EpisodeEvaluation[] episodes = [new([new(0, 1, 0, 2, 0), new(1, 3, 1, 4, 0.5f)]), new([new(0, 2, 0, 2, 0), new(1, 5, 0, 8, 0.5f)])];
        var steps = StepSummary.Of(episodes);
        Assert.Equal([0, 1], steps.Select(step => step.InnerSteps));
        Assert.Equal((4.0, 0.5, 6.0, 0.5), (
            steps[1].QueryLoss.Mean, steps[1].TransductiveAccuracyFraction.Mean, steps[1].InductiveQueryLoss.Mean, steps[1].InductiveAccuracyFraction.Mean));
        Assert.Equal(1.96, steps[1].QueryLoss.HalfWidth95!.Value, 9);
    }
}
