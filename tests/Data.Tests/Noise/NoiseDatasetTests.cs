using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data.Noise;
using MetaMap.Testing;
using MetaMap.Training.Configuration;

namespace MetaMap.Data.Tests.Noise;

public sealed class NoiseDatasetTests
{
    private static readonly NoiseDataset _dataset = new(new ImageShape(1, 28, 28), 100);

    [Fact]
    public void Open_ByName_HasTheShapeAndTheClassesThatAreAskedFor()
    {
        DatasetCatalog catalog = OptionValues.Of(("dataset", "noise"), ("size", 84), ("channels", 3), ("classes", 50)).Resolve().OpenDataset(null).Catalog;
        Assert.Equal((new ImageShape(3, 84, 84), 50), (catalog.Input.ToImageShape(), catalog.Classes.Select(item => item.Name).Distinct().Count()));
        Assert.All(catalog.Classes, item => Assert.Equal(NoiseDataset.ExamplesPerClass, item.ExampleCount));
    }

    [Fact]
    public void Catalog_OtherShapesAndClasses_HaveOtherDigests() => Assert.Distinct(
        new NoiseDataset[] { _dataset, new(new ImageShape(3, 28, 28), 100), new(new ImageShape(1, 27, 27), 100), new(new ImageShape(1, 28, 28), 99) }
            .Select(dataset => dataset.Catalog.Digest));

    [Fact]
    public void CopyInput_AllImages_AreUniformAndDiffer()
    {
        float[][] images = [.. from item in Enumerable.Range(0, 10) from example in Enumerable.Range(0, 20) select _dataset.Image(item, example)];
        Assert.All(images, image => Assert.All(image, value => Assert.InRange(value, 0f, 0.9999999f)));
        Assert.All(images, image => Assert.InRange(image.Average(), 0.45, 0.55));
        Assert.InRange(images.SelectMany(image => image).Average(value => Math.Pow(value - 0.5, 2)), 1 / 12.0 - 0.001, 1 / 12.0 + 0.001);
        Assert.Distinct(images.Select(image => string.Join(' ', image.Take(8))));
    }

    [Fact]
    public void CopyInput_AnotherInstance_GivesTheSame() =>
        Assert.Equal(_dataset.Image(17, 3), new NoiseDataset(new ImageShape(1, 28, 28), 20).Image(17, 3));

    /// <summary>When this fails on purpose, count up the recipe in NoiseDataset too: nodes compare its digest.</summary>
    [Theory]
    [InlineData(0, "fe5ae723bfc63387")]
    [InlineData(99, "78fc0bab7ff1d0d6")]
    public void CopyInput_PinnedClasses_HaveNotChanged(int classIndex, string checksum) => Assert.Equal(checksum, _dataset.ClassChecksum(classIndex));

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(100, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 100)]
    public void CopyInput_NoSuchImage_Throws(int classIndex, int example) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _dataset.Image(classIndex, example));

    [Theory]
    [InlineData("size", 0)]
    [InlineData("channels", 4)]
    [InlineData("classes", 1)]
    public void Resolve_OptionOutOfRange_IsRefused(string key, int value) =>
        Assert.Contains($"--{key} is {value}", Assert.Throws<ConfigurationException>(() => OptionValues.Of(("dataset", "noise"), (key, value)).Resolve()).Message, StringComparison.Ordinal);
}
