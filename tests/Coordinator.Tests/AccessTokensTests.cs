using MetaMap.Core;
using MetaMap.Testing;

namespace MetaMap.Coordinator.Tests;

public sealed class AccessTokensTests
{
    [Fact]
    public void Find_Tokens_HaveTheirScope()
    {
        var tokens = AccessTokens.Parse(
            ["# people", "", "read  aaaaaaaaaaaaaaaa", "\twrite bbbbbbbbbbbbbbbb  ", "read bbbbbbbbbbbbbbbb", "read cccccccccccccccc"], "tokens");
        Assert.Equal(AccessScope.Read, tokens.Find("aaaaaaaaaaaaaaaa"));
        Assert.Equal(AccessScope.Write, tokens.Find("bbbbbbbbbbbbbbbb"));
        Assert.Equal(AccessScope.Read, tokens.Find("cccccccccccccccc"));
        foreach (string unknown in new[] { "", "a", "aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAA", "write bbbbbbbbbbbbbbbb" })
        {
            Assert.Null(tokens.Find(unknown));
        }
    }

    [Theory]
    [InlineData("read short")]
    [InlineData("admin aaaaaaaaaaaaaaaa")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("read aaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbb")]
    [InlineData("read äaaaaaaaaaaaaaaaa")]
    [InlineData("Read aaaaaaaaaaaaaaaa")]
    public void Parse_LineThatIsNoToken_SaysWhichAndDoesNotRepeatIt(string line)
    {
        string message = Assert.Throws<ConfigurationException>(() => AccessTokens.Parse(["# comment", line], "tokens")).Message;
        Assert.StartsWith("Line 2 of tokens is not ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("aaaaaaaa", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_NoToken_IsRefused() =>
        Assert.Contains("holds no token", Assert.Throws<ConfigurationException>(() => AccessTokens.Parse(["# nothing"], "tokens")).Message, StringComparison.Ordinal);

    [Fact]
    public void ReadFile_Missing_IsRefused() => Assert.Throws<ConfigurationException>(() => AccessTokens.ReadFile("no-such-file"));

    [Fact]
    public void Exposure_FileThatOthersCanRead_SaysHowToCloseIt()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using TemporaryDirectory folder = new();
        string file = Path.Combine(folder.Path, "tokens");
        File.WriteAllText(file, "read aaaaaaaaaaaaaaaa");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains($"chmod 600 {file}", AccessTokens.Exposure(file), StringComparison.Ordinal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        Assert.Null(AccessTokens.Exposure(file));
    }
}
