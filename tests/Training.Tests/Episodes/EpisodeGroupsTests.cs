using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Tests.Episodes;

/// <summary>Classes that belong to tasks: an episode stays within one task, and so does a part of the split.</summary>
public sealed class EpisodeGroupsTests
{
    [Fact]
    public void Split_Groups_StayTogether()
    {
        DatasetCatalog catalog = Catalog(tasks: 10, labels: 3);
        ClassSplit split = ClassSplitter.Split(catalog, "seeded", 4);
        Assert.Equal((18, 6, 6), (split.Train.Length, split.Validation.Length, split.Test.Length));
        HashSet<int>[] tasks = [.. new[] { split.Train, split.Validation, split.Test }.Select(part => part.Select(i => catalog.Classes[i].Group).ToHashSet())];
        Assert.Equal((6, 2, 2), (tasks[0].Count, tasks[1].Count, tasks[2].Count));
        Assert.Equal(10, tasks.SelectMany(part => part).Distinct().Count());
    }

    [Fact]
    public void Sample_Groups_DrawsOneTaskAndItsLabels()
    {
        DatasetCatalog catalog = Catalog(tasks: 10, labels: 3);
        EpisodeSampler sampler = EpisodeSampler.For(OptionValues.Of(("split", "seeded"), ("ways", 2)).Resolve(), catalog);
        int[] tasks = [.. Enumerable.Range(0, 300).Select(i =>
        {
            Episode episode = sampler.Sample(SplitPart.Train, 1, i);
            Assert.Equal(2, episode.Classes.Select(c => c.ClassIndex).Distinct().Count());
            return Assert.Single(episode.Classes.Select(c => catalog.Classes[c.ClassIndex].Group).Distinct());
        })];
        Assert.Equal(6, tasks.Distinct().Count());
        Assert.All(tasks.CountBy(task => task), task => Assert.InRange(task.Value, 20, 80));
    }

    [Fact]
    public void For_TaskWithTooFewLabels_IsNamed()
    {
        DatasetCatalog catalog = Catalog(tasks: 10, labels: 3);
        Assert.Equal(
            "the task of training class task0/label0 of dataset grouped has 3 classes, 4 ways need at least 4: train with --ways 3 or fewer, or leave the task out",
            Assert.Throws<DataException>(() => new EpisodeSampler(
                catalog, new ClassSplit([.. Enumerable.Range(0, 30)], [], []), new EpisodeShape(4, 1, 1), 1, rotateClasses: false)).Message);
    }

    [Fact]
    public void For_TooFewTasks_SaysHowManyEachPartHas()
    {
        DatasetCatalog catalog = Catalog(tasks: 1, labels: 2);
        Assert.Equal(
            "dataset grouped has 0 training classes, 2 ways need at least 2 (it has 0 training, 0 validation and 2 test classes): add classes",
            Assert.Throws<DataException>(() => EpisodeSampler.For(OptionValues.Of(("split", "seeded"), ("ways", 2)).Resolve(), catalog)).Message);
    }

    private static DatasetCatalog Catalog(int tasks, int labels) => new(
        "grouped", InputShape.Vector(3),
        [.. from task in Enumerable.Range(0, tasks) from label in Enumerable.Range(0, labels) select new DatasetClass($"task{task}/label{label}", 5, task)],
        "digest");
}
