using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Data.Tests.Catalogs;

public sealed class UsableClassesTests
{
    private static readonly EpisodeShape _shape = new(2, 2, 3);

    [Fact]
    public void Of_AllLargeEnough_IsTheDatasetItself()
    {
        Rows dataset = new(5, 6, 7);
        Assert.Same(dataset, UsableClasses.Of(dataset, _shape));
    }

    [Fact]
    public void Of_SomeTooSmall_AreLeftOutWithACount()
    {
        IEpisodeDataset kept = UsableClasses.Of(new Rows(5, 4, 9, 1), _shape);
        Assert.Equal([new DatasetClass("c0", 5), new DatasetClass("c2", 9)], kept.Catalog.Classes.AsEnumerable());
        Assert.Equal("2 of 4 users have fewer than 5 ratings (2 shots and 3 queries) and are left out", Assert.Single(kept.Catalog.Notices));
        float[] value = new float[1];
        kept.CopyInput(1, 8, 0, value);
        Assert.Equal(208, value[0]);
        ((IRegressionDataset)kept).CopyTarget(1, 7, value);
        Assert.Equal(-207, value[0]);
    }

    [Fact]
    public void Of_TasksWithTooFewClasses_AreLeftOutWithACount()
    {
        IEpisodeDataset kept = UsableClasses.Of(new Rows([(5, 0), (4, 0), (5, 1), (5, 1), (6, 2), (7, 2), (8, 2)]), _shape);
        Assert.Equal([1, 1, 2, 2, 2], kept.Catalog.Classes.Select(item => item.Group));
        Assert.Equal(
            "1 of 7 users has fewer than 5 ratings (2 shots and 3 queries) and is left out; 1 of 3 tasks has fewer than 2 users with as many ratings and is left out",
            Assert.Single(kept.Catalog.Notices));
    }

    [Fact]
    public void Of_NoneLargeEnough_NamesTheLargest() => Assert.Equal(
        "each of the 3 users of dataset rows has fewer than 5 ratings (2 shots and 3 queries), the largest, c1, 4: ask for fewer shots or queries (--shots, --queries), or add ratings",
        Assert.Throws<DataException>(() => UsableClasses.Of(new Rows(1, 4, 2), _shape)).Message);

    [Fact]
    public void Of_NoTaskWithEnoughClasses_SaysSo() => Assert.Equal(
        "dataset rows: 2 of 2 tasks have fewer than 2 users and are left out, so none is left: ask for fewer ways, shots or queries (--ways, --shots, --queries), or add ratings",
        Assert.Throws<DataException>(() => UsableClasses.Of(new Rows([(5, 0), (5, 1)]), _shape)).Message);

    [Fact]
    public void Of_ShotsBeyondInt_AreCompared() =>
        Assert.Throws<DataException>(() => UsableClasses.Of(new Rows(5, 5), new EpisodeShape(2, int.MaxValue, int.MaxValue)));

    [Fact]
    public void Sampler_TooFewLeft_SaysHowManyWereLeftOut()
    {
        IEpisodeDataset kept = UsableClasses.Of(new Rows([.. Enumerable.Repeat((4, -1), 20), (5, -1)]), new EpisodeShape(1, 2, 3));
        string message = Assert.Throws<DataException>(() => EpisodeSampler.For(
            OptionValues.Of(("dataset", "sinusoid"), ("shots", 2), ("queries", 3)).Resolve(), kept.Catalog)).Message;
        Assert.Contains("20 of 21 users have fewer than 5 ratings (2 shots and 3 queries) and are left out)", message, StringComparison.Ordinal);
    }

    /// <summary>Example e of class c holds 100 c + e, and its target is the negative.</summary>
    private sealed class Rows((int Examples, int Group)[] classes) : IRegressionDataset
    {
        public Rows(params int[] examples) : this([.. examples.Select(count => (count, -1))]) { }

        public DatasetCatalog Catalog { get; } = new(
            "rows", InputShape.Vector(1), [.. classes.Select((item, i) => new DatasetClass($"c{i}", item.Examples, item.Group))], "digest")
        {
            TargetLength = 1, Nouns = ("users", "ratings"),
        };

        public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination) => destination[0] = (100 * classIndex) + exampleIndex;

        public void CopyTarget(int classIndex, int exampleIndex, Span<float> destination) => destination[0] = -((100 * classIndex) + exampleIndex);
    }
}
