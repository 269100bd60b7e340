using CsCheck;
using MetaMap.Core;
using MetaMap.Data.Glyphs;
using MetaMap.Data.Omniglot;
using MetaMap.Data.Sinusoid;
using MetaMap.Testing;

namespace MetaMap.Data.Tests;

public class ClassSplitterTests
{
    [Theory]
    [InlineData("omniglot", 1623, 1100, 100, 423)]
    [InlineData("omniglot", 964, 653, 59, 252)]
    [InlineData("glyphs", 1200, 900, 100, 200)]
    [InlineData("sinusoid", 12_000, 10_000, 1_000, 1_000)]
    [InlineData("mnist", 10, 6, 2, 2)]
    [InlineData("images", 100, 60, 20, 20)]
    [InlineData("csv", 3, 2, 0, 1)]
    [InlineData("csv", 12, 7, 2, 3)]
    public void Split_Seeded_HasTheStatedSizes(string name, int classes, int train, int validation, int test)
    {
        ClassSplit split = ClassSplitter.Split(Catalog(name, classes, 0), "seeded", 1);

        Assert.Equal((train, validation, test), (split.Train.Length, split.Validation.Length, split.Test.Length));
    }

    [Fact]
    public void Split_AnySize_PutsEachClassInOnePart() =>
        Gen.Select(Gen.OneOf(Gen.Const("omniglot"), Gen.Const("glyphs"), Gen.Const("other")), Gen.Int[0, 2000], Gen.Long).Repeatable().Sample((name, classes, seed) =>
        {
            ClassSplit split = ClassSplitter.Split(Catalog(name, classes, 0), "seeded", seed);
            Assert.Equal(Enumerable.Range(0, classes), split.Train.Concat(split.Validation).Concat(split.Test).Order());
        });

    [Fact]
    public void Split_SameSeed_IsIdentical() =>
        Assert.Equal(
            ClassSplitter.Split(Catalog("omniglot", 1623, 0), "seeded", 7).Test.AsEnumerable(),
            ClassSplitter.Split(Catalog("omniglot", 1623, 0), "seeded", 7).Test.AsEnumerable());

    [Fact]
    public void Split_OtherSeed_Differs() =>
        Assert.NotEqual(
            ClassSplitter.Split(Catalog("omniglot", 1623, 0), "seeded", 7).Test.AsEnumerable(),
            ClassSplitter.Split(Catalog("omniglot", 1623, 0), "seeded", 8).Test.AsEnumerable());

    /// <summary>A change would silently mix the test classes of old runs into the training of resumed ones.</summary>
    [Fact]
    public void Split_Pinned_HasNotChanged() =>
        Assert.Equal([1, 11, 14, 16, 19], ClassSplitter.Split(Catalog("glyphs", 1200, 0), "seeded", 1).Test.Take(5));

    [Fact]
    public void Split_OfficialOmniglot_TestsOnEvaluation()
    {
        DatasetCatalog catalog = Catalog("omniglot", 964, 659);
        ClassSplit split = ClassSplitter.Split(catalog, "official", 1);

        Assert.Equal((864, 100, 659), (split.Train.Length, split.Validation.Length, split.Test.Length));
        Assert.Equal(Enumerable.Range(964, 659), split.Test);
        Assert.Equal(Enumerable.Range(0, 964), split.Train.Concat(split.Validation).Order());
        Assert.NotEqual(
            split.Validation.AsEnumerable(), ClassSplitter.Split(catalog, "official", 2).Validation.AsEnumerable());
    }

    [Fact]
    public void Split_OfficialWithoutEvaluation_SaysWhatToAdd()
    {
        DataException error = Assert.Throws<DataException>(() => ClassSplitter.Split(Catalog("omniglot", 964, 0), "official", 1));

        Assert.Contains("add images_evaluation.zip", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Split_OfficialGlyphs_SaysWhichToUse()
    {
        ConfigurationException error =
            Assert.Throws<ConfigurationException>(() => ClassSplitter.Split(Catalog("glyphs", 1200, 0), "official", 1));

        Assert.Equal("dataset glyphs has no official split: use seeded", error.Message);
    }

    [Fact]
    public void Split_NamedParts_AreTheDefaultAndTheOfficialSplit()
    {
        DatasetCatalog catalog = Catalog("images", 6, 0);
        SplitPart[] parts = [SplitPart.Train, SplitPart.Test, SplitPart.Train, SplitPart.Validation, SplitPart.Train, SplitPart.Test];
        catalog = catalog with { Classes = [.. catalog.Classes.Select((item, i) => item with { Part = parts[i] })] };
        foreach (string? name in new[] { null, "official" })
        {
            ClassSplit split = ClassSplitter.Split(catalog, name, 1);
            Assert.Equal([0, 2, 4], split.Train.AsEnumerable());
            Assert.Equal([3], split.Validation.AsEnumerable());
            Assert.Equal([1, 5], split.Test.AsEnumerable());
        }

        Assert.Equal(ClassSplitter.Split(Catalog("images", 6, 0), null, 3).Test.AsEnumerable(), ClassSplitter.Split(catalog, "seeded", 3).Test.AsEnumerable());
    }

    [Fact]
    public void Split_UnknownName_ListsTheChoices()
    {
        ConfigurationException error =
            Assert.Throws<ConfigurationException>(() => ClassSplitter.Split(Catalog("glyphs", 1200, 0), "random", 1));

        Assert.Equal("there is no split random: use seeded or official", error.Message);
    }

    private static DatasetCatalog Catalog(string name, int background, int evaluation) => new(
        name,
        new ImageShape(1, 28, 28),
        [
            .. Enumerable.Range(0, background).Select(i => new DatasetClass($"images_background/a/{i}", 20)),
            .. Enumerable.Range(0, evaluation).Select(i => new DatasetClass($"images_evaluation/a/{i}", 20)),
        ],
        "digest")
    {
        SeededParts = name switch
        {
            "omniglot" => OmniglotDataset.SeededParts,
            "glyphs" => new GlyphDataset().Catalog.SeededParts,
            "sinusoid" => new SinusoidDataset().Catalog.SeededParts,
            _ => null,
        },
        OfficialSplit = name == "omniglot" ? OmniglotDataset.SplitOfficially : null,
    };
}
