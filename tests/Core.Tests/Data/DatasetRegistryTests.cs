using MetaMap.Core.Data;

namespace MetaMap.Core.Tests.Data;

public class DatasetRegistryTests
{
    [Fact]
    public void Open_Glyphs_NeedsNoFolder() => Assert.Equal("glyphs", DatasetRegistry.Open("glyphs", null).Catalog.Name);

    [Fact]
    public void Open_UnknownName_ListsTheChoices()
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => DatasetRegistry.Open("mnist", null));

        Assert.Equal("there is no dataset mnist: use glyphs or omniglot", error.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Open_OmniglotWithoutFolder_SaysHowToGiveIt(string? directory)
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => DatasetRegistry.Open("omniglot", directory));

        Assert.Contains("pass --data DIR", error.Message, StringComparison.Ordinal);
    }
}
