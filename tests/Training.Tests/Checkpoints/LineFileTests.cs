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

    /// <summary>Far more than is read at once, with lines of all lengths and one under way at the end.</summary>
    [Fact]
    public void From_AnyPlace_IsTheLinesFromThereOn()
    {
        Assert.Empty(_file.From(_ => true));
        string[] lines = [.. Enumerable.Range(0, 3000).Select(i => $"{i / 2:D8}{new string('ä', i * 37 % 90)}")];
        _file.Append(lines);
        File.AppendAllText(_file.Path, "99999999");
        for (int first = -1; first < 1502; first += 7)
        {
            Assert.Equal(lines.Skip(Math.Max(0, 2 * first)), _file.From(line => int.Parse(line[..8], System.Globalization.CultureInfo.InvariantCulture) < first));
        }
    }
}
