using CsCheck;
using MetaMap.Core;
using MetaMap.Testing;

namespace MetaMap.Data.Tests;

public sealed class ExampleSplitTests
{
    [Fact]
    public void Of_AnyClasses_PutsEachExampleInOnePart() =>
        Gen.Select(Gen.Int[5, 40].Array[1, 12], Gen.Long, Gen.Bool, Gen.Bool).Repeatable().Sample((counts, seed, hasValidation, isOrdered) =>
        {
            ExampleSplit split = ExampleSplit.Of(Catalog([.. counts.Select(count => new DatasetClass($"{count}", 2 * count))]) with { IsOrdered = isOrdered }, seed, hasValidation);
            Assert.Equal(
                counts.SelectMany((count, index) => Enumerable.Range(0, 2 * count).Select(example => new ExampleIndex(index, example))),
                split.Train.Concat(split.Validation).Concat(split.Test).OrderBy(one => one.Class).ThenBy(one => one.Example));
            Assert.Equal(counts.Sum(count => 2 * count / 5), split.Test.Length);
            Assert.Equal(hasValidation, split.Validation.Length > 0);
        });

    [Fact]
    public void Of_AuthorsTestExamples_AreTheTestPart()
    {
        ExampleSplit split = ExampleSplit.Of(Catalog([new("0", 7) { TestExamples = 2 }, new("1", 5)]), 1, hasValidation: false);
        Assert.Equal([new(0, 5), new(0, 6)], split.Test.AsEnumerable());
        Assert.Equal(10, split.Train.Length);
    }

    [Fact]
    public void Of_ExamplesInTime_TestsTheLastOnes()
    {
        ExampleSplit split = ExampleSplit.Of(Catalog([new("user", 10)]) with { IsOrdered = true }, 1, hasValidation: true);
        Assert.Equal([new(0, 7)], split.Validation.AsEnumerable());
        Assert.Equal([new(0, 8), new(0, 9)], split.Test.AsEnumerable());
    }

    [Fact]
    public void Of_OtherValidation_TestsTheSameExamples() =>
        Assert.Equal(ExampleSplit.Of(Catalog([new("a", 50)]), 3, true).Test.AsEnumerable(), ExampleSplit.Of(Catalog([new("a", 50)]), 3, false).Test);

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void Of_TooFewExamples_IsRefusedWithWhatToDo(int count, bool hasValidation) => Assert.Contains(
        "add examples, so that each of the classes has 5 or more",
        Assert.Throws<DataException>(() => ExampleSplit.Of(Catalog([new("a", count)]), 1, hasValidation)).Message, StringComparison.Ordinal);

    private static DatasetCatalog Catalog(DatasetClass[] classes) => new("examples", InputShape.Vector(1), [.. classes], "d");
}
