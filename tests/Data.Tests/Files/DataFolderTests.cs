using MetaMap.Core;
using MetaMap.Data.Files;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Files;

/// <summary>What runs may name in a node's folder of data.</summary>
public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public DataFolderTests()
    {
        Directory.CreateDirectory(_folder["data/images"]);
        File.WriteAllText(_folder["data/table.csv"], "");
        File.WriteAllText(_folder["data-of-others"], "");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("images", "images")]
    [InlineData("images/", "images")]
    [InlineData("./images/../table.csv", "table.csv")]
    public void Find_WhatIsThere_IsItsPathHereAndFromTheFolder(string named, string path)
    {
        Assert.Equal(_folder[$"data/{path}"], DataFolder.Find(_folder["data"], named));
        Assert.Equal(path, DataFolder.PathFrom(_folder["data"], named));
        Assert.Equal(path, DataFolder.PathFrom(_folder["data/"], _folder[$"data/{named}"]));
    }

    [Fact]
    public void Find_Nothing_IsAllThatTheNodeWasGiven()
    {
        Assert.Equal("elsewhere", DataFolder.Find("elsewhere", null));
        Assert.Null(DataFolder.Find(null, null));
        Assert.Equal((null, null), (DataFolder.PathFrom(null, null), DataFolder.PathFrom(_folder["data"], ".")));
    }

    [Theory]
    [InlineData("../data-of-others")]
    [InlineData("..")]
    [InlineData("images/../../data-of-others")]
    [InlineData("/etc/passwd")]
    public void Find_WhatIsNotInTheFolder_IsRefused(string named) => AssertRefused(_folder["data"], named, $"'{named}', which is not in {_folder["data"]},");

    [Fact]
    public void Find_WholePathBesideTheFolder_IsRefused() => AssertRefused(_folder["data"], _folder["data-of-others"], "which is not in");

    [Fact]
    public void Find_WhatIsMissing_IsRefused() => AssertRefused(_folder["data"], "texts.tsv", $"There is no 'texts.tsv' in {_folder["data"]},");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Find_NodeWithoutData_IsRefused(string? folder) => AssertRefused(folder, "texts.tsv", "this node was started without --data");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void Find_NoPath_IsRefused(string named) => AssertRefused(_folder["data"], named, "of 1 to 1000 characters");

    private static void AssertRefused(string? folder, string named, string reason)
    {
        Assert.Contains(reason, Assert.Throws<DataException>(() => DataFolder.Find(folder, named)).Message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => DataFolder.PathFrom(folder, named));
    }
}
