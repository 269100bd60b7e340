using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Data.Tests;

public class DatasetRegistryTests
{
    [Fact]
    public void Open_Glyphs_NeedsNoFolder() => Assert.Equal("glyphs", OptionValues.None.Resolve().OpenDataset(null).Catalog.Name);

    [Fact]
    public void Definition_UnknownName_ListsTheChoices()
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => PartRegistry.Datasets["cifar"]);

        Assert.Equal($"There is no dataset 'cifar'; choose one of {string.Join(", ", PartRegistry.Datasets.Names)}.", error.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void Open_OmniglotWithoutFolder_SaysHowToGiveIt(string? directory)
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() =>
            OptionValues.Of(("dataset", "omniglot")).Resolve().OpenDataset(directory));

        Assert.Contains("pass --data with its folder or file", error.Message, StringComparison.Ordinal);
    }
}
