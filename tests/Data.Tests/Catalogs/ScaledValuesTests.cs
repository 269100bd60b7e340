using MetaMap.Data.Glyphs;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Tests.Catalogs;

public class ScaledValuesTests
{
    // Two training tasks and one that is not; the second input never changes.
    private static readonly TableTasks _table = new(
        new DatasetCatalog("table", InputShape.Vector(2), [new("a", 2), new("b", 2), new("c", 1)], "d") { TargetLength = 1, HasUnits = true },
        [[new([1, 7], 100), new([3, 7], 200)], [new([5, 7], 300), new([7, 7], 400)], [new([1000, 8], 5000)]]);

    [Fact]
    public void Of_ATable_HasMeanZeroAndDeviationOneOverTheTrainingTasks()
    {
        IRegressionDataset scaled = Assert.IsAssignableFrom<IRegressionDataset>(ScaledValues.Of(_table, null, () => ExamplesOf(_table, 0, 1)));
        float[][] inputs = [.. new[] { (0, 0), (0, 1), (1, 0), (1, 1) }.Select(at => Input(scaled, at.Item1, at.Item2))];
        Assert.Equal(0, inputs.Average(input => input[0]), 6);
        Assert.Equal(1, inputs.Average(input => input[0] * input[0]), 6);
        Assert.All(inputs, input => Assert.Equal(0, input[1]));
        Assert.Equal((4.0, Math.Sqrt(5), 250.0), (scaled.Catalog.Scales!.InputMeans[0], scaled.Catalog.Scales.InputDeviations[0], scaled.Catalog.Scales.TargetMeans[0]));
        Assert.Equal(12_500, scaled.Catalog.SquaredErrorUnit, 6);
        Assert.Equal([(float)((1000 - 4) / Math.Sqrt(5)), 1], Input(scaled, 2, 0));
        float[] target = new float[1];
        scaled.CopyTarget(2, 0, target);
        Assert.Equal((float)((5000 - 250) / Math.Sqrt(12_500)), target[0], 5);
    }

    [Fact]
    public void Of_WithTheScalesOfAModel_TakesThese()
    {
        ValueScales scales = new([1, 0], [2, 1], [100], [10]);
        IEpisodeDataset scaled = ScaledValues.Of(_table, scales, () => throw new InvalidOperationException("nobody asks for training classes"));
        Assert.Equal([1, 7], Input(scaled, 0, 1));
        Assert.Equal(scales, scaled.Catalog.Scales);
    }

    [Fact]
    public void Of_RatingsOfItems_ScalesTheRatingsAlone()
    {
        TableTasks ratings = new(
            new DatasetCatalog("ratings", InputShape.Tokens(1, 9), [new("u", 2)], "d") { TargetLength = 1, HasUnits = true }, [[new([3], 1), new([8], 5)]]);
        IRegressionDataset scaled = (IRegressionDataset)ScaledValues.Of(ratings, null, () => ExamplesOf(ratings, 0));
        Assert.Equal([3], Input(scaled, 0, 0));
        float[] target = new float[1];
        scaled.CopyTarget(0, 0, target);
        Assert.Equal([-1], target);
        Assert.Empty(scaled.Catalog.Scales!.InputMeans);
    }

    [Fact]
    public void Of_AValueThatIsNone_LeavesTheScalesOfTheOthers()
    {
        TableTasks poisoned = new(
            new DatasetCatalog("table", InputShape.Vector(1), [new("a", 3)], "d") { TargetLength = 1, HasUnits = true }, [[new([1], 1), new([3], 3), new([3e38f], -3e38f)]]);
        IEpisodeDataset scaled = ScaledValues.Of(poisoned, null, () => ExamplesOf(poisoned, 0));
        Assert.Equal(new ValueScales([2], [1], [2], [1]), scaled.Catalog.Scales);
        Assert.Equal([3e38f], Input(scaled, 0, 2));
    }

    [Fact]
    public void Of_NoTrainingClasses_LeavesTheNumbers() => Assert.Equal([1, 7], Input(ScaledValues.Of(_table, null, () => []), 0, 0));

    [Fact]
    public void Of_DataWithoutUnits_IsItself()
    {
        GlyphDataset glyphs = new();
        Assert.Same(glyphs, ScaledValues.Of(glyphs, null, () => ExamplesOf(glyphs, 0)));
        Assert.Equal(1, glyphs.Catalog.SquaredErrorUnit);
    }

    private static IEnumerable<ExampleIndex> ExamplesOf(IEpisodeDataset dataset, params int[] classes) =>
        classes.SelectMany(index => Enumerable.Range(0, dataset.Catalog.Classes[index].ExampleCount).Select(example => new ExampleIndex(index, example)));

    private static float[] Input(IEpisodeDataset dataset, int index, int example)
    {
        float[] input = new float[dataset.Catalog.Input.Length];
        dataset.CopyInput(index, example, 0, input);
        return input;
    }
}
