using MetaMap.Core.Configuration;
using MetaMap.Core.Data;

namespace MetaMap.Core.Tests.Data;

public class DatasetRegistryTests
{
    [Fact]
    public void Open_Glyphs_NeedsNoFolder() => Assert.Equal("glyphs", DatasetRegistry.Open(new RunOptions().Resolve(), null).Catalog.Name);

    [Fact]
    public void Definition_UnknownName_ListsTheChoices()
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => DatasetRegistry.Definition("cifar"));

        Assert.Equal($"There is no dataset 'cifar'; choose one of {string.Join(", ", DatasetRegistry.Names)}.", error.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void Open_OmniglotWithoutFolder_SaysHowToGiveIt(string? directory)
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() =>
            DatasetRegistry.Open(new RunOptions { Dataset = "omniglot" }.Resolve(), directory));

        Assert.Contains("pass --data with its folder or file", error.Message, StringComparison.Ordinal);
    }
}
