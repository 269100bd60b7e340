using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Tests.Episodes;

public class EpisodeSamplerInputTests
{
    [Fact]
    public void For_TooFewClasses_NamesThePartAndBothNumbers()
    {
        DataException error = Assert.Throws<DataException>(() => EpisodeSampler.For(OptionValues.Of(("validation_interval", 5)).Resolve(), Catalog(classes: 48)));

        Assert.Equal(
            "dataset glyphs has 4 validation classes, 5 ways need at least 5 (it has 36 training, 4 validation and 8 test classes): "
            + "train with --ways 4 or fewer, or add classes", error.Message);
    }

    [Fact]
    public void For_TooFewValidationClasses_IsFineWithoutValidation() =>
        Assert.Equal(5, EpisodeSampler.For(OptionValues.None.Resolve(), Catalog(classes: 48)).Sample(SplitPart.Test, 0, 0).Classes.Length);

    [Fact]
    public void For_TooFewClassesWithExamplesEnough_SaysHowMany()
    {
        DatasetCatalog catalog = Catalog(classes: 1200);
        int[] small = [.. ClassSplitter.Split(catalog, null, 1).Test.Skip(4)];
        catalog = catalog with { Classes = [.. catalog.Classes.Select((item, i) => small.Contains(i) ? item with { ExampleCount = 5 } : item)] };

        DataException error = Assert.Throws<DataException>(() => EpisodeSampler.For(OptionValues.Of(("queries", 5), ("seed", 1)).Resolve(), catalog));

        Assert.Equal(
            "4 of 200 test classes of dataset glyphs have the 6 examples that 1 shots and 5 queries need, and 5 ways need at least 5: "
            + "ask for fewer shots or queries (--shots, --queries), or add examples",
            error.Message);
    }

    [Fact]
    public void Sample_SmallClasses_AreNeverDrawnAndChangeNoSplit()
    {
        DatasetCatalog catalog = Catalog(classes: 60);
        ClassSplit split = ClassSplitter.Split(catalog, null, 1);
        int[] small = [.. split.Train.Take(20)];
        catalog = catalog with { Classes = [.. catalog.Classes.Select((item, i) => small.Contains(i) ? item with { ExampleCount = 5 } : item)] };
        EpisodeSampler sampler = EpisodeSampler.For(OptionValues.Of(("queries", 5), ("seed", 1)).Resolve(), catalog);
        int[] drawn = [.. Enumerable.Range(0, 200).SelectMany(i => sampler.Sample(SplitPart.Train, 1, i).Classes).Select(item => item.ClassIndex).Distinct().Order()];
        Assert.Equal(split.Train.Except(small), drawn);
        Assert.Equal(split.Train.AsEnumerable(), ClassSplitter.Split(catalog, null, 1).Train);
    }

    [Fact]
    public void For_JustEnough_Samples()
    {
        RunOptions options = OptionValues.Of(("ways", 10), ("shots", 10), ("queries", 10)).Resolve();

        Assert.Equal(10, EpisodeSampler.For(options, Catalog(classes: 120)).Sample(SplitPart.Validation, 0, 0).Classes.Length);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 0, 1)]
    [InlineData(2, 1, 0)]
    public void New_ShapeTooSmall_Throws(int ways, int shots, int queries) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new EpisodeSampler(Catalog(classes: 120), ClassSplitter.Split(Catalog(classes: 120), null, 1), new EpisodeShape(ways, shots, queries), 1, rotateClasses: false));

    [Fact]
    public void For_UnknownSplit_IsAConfigurationError() =>
        Assert.Throws<ConfigurationException>(() => EpisodeSampler.For(OptionValues.Of(("split", "odd")).Resolve(), Catalog(classes: 120)));

    private static DatasetCatalog Catalog(int classes) => new(
        "glyphs",
        new ImageShape(1, 28, 28),
        [.. Enumerable.Range(0, classes).Select(i => new DatasetClass($"c{i}", 20))],
        "digest") { SeededParts = new(900, 100, 1200) };
}
