using MetaMap.Data;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;

namespace MetaMap.Training.Tests.Evaluation;

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
}
