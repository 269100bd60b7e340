using MetaMap.Testing;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Training.Tests.Checkpoints;

public sealed class LineFileTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly LineFile _file;

    public LineFileTests() => _file = new LineFile(_folder["lines"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Append_NewFile_HasTheLinesAndSaysHowLongItIs()
    {
        Assert.Equal((0, 4), _file.Append(["a", "b"]));
        Assert.Equal((4, 7), _file.Append(["ä"]));
        Assert.Equal("a\nb\nä\n", File.ReadAllText(_file.Path));
        _file.Shorten(2);
        Assert.Equal(["a"], _file.Tail());
    }

    [Theory]
    [InlineData("a\nhal", null, "a\nnew\n")]
    [InlineData("hal", null, "new\n")]
    [InlineData("a\nwhole but unknown\n", 2L, "a\nnew\n")]
    [InlineData("a\n", 99L, "a\nnew\n")]
    public void Append_AfterAWriteThatWasCutShort_TakesItsPlace(string before, long? known, string after)
    {
        File.WriteAllText(_file.Path, before);
        _file.Append(["new"], known);
        Assert.Equal(after, File.ReadAllText(_file.Path));
    }

    [Fact]
    public void Tail_NoFileOrALineUnderWay_IsWholeLinesOnly()
    {
        Assert.Empty(_file.Tail());
        File.WriteAllText(_file.Path, "a\nhal");
        Assert.Equal(["a"], _file.Tail());
    }
}
