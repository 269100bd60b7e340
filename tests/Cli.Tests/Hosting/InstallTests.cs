using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Hosting;

/// <summary><c>./metamap install</c> and <c>uninstall</c>, as a user calls them.</summary>
[Trait("Category", "Slow")]
public sealed class InstallTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Install_Prefix_HoldsACommandThatRunsAndUninstallRemovesIt()
    {
        string prefix = _folder["a b"];
        (int code, string errors) = await Call(Repository.Script, "install", "--prefix", prefix);
        Assert.True(code == 0, errors);
        Assert.Contains($"{prefix}/bin is not on your PATH yet", errors, StringComparison.Ordinal);
        string command = Path.Combine(prefix, "bin", "metamap");
        (code, errors) = await Call(command, "status", "--url", MetamapCommand.DeadUrl());
        Assert.Equal(3, code);
        Assert.Contains("start one with `metamap coordinator`", errors, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(prefix, "share", "doc", "metamap", "LICENSE")));
        Assert.Contains("metamap", await File.ReadAllTextAsync(Path.Combine(prefix, "share", "bash-completion", "completions", "metamap")), StringComparison.Ordinal);

        (code, errors) = await Call(Repository.Script, "uninstall", "--prefix", prefix);
        Assert.True(code == 0, errors);
        Assert.Empty(Directory.GetFiles(prefix, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(2, "takes --prefix DIR and nothing else", "install", "there")]
    [InlineData(2, "--prefix is empty", "install", "--prefix=")]
    [InlineData(2, "takes --out DIR and nothing else", "package", "there")]
    [InlineData(1, "nothing can be written to /proc/none", "install", "--prefix", "/proc/none")]
    [InlineData(1, "there is no MetaMap in /usr", "uninstall", "--prefix", "/usr")]
    public async Task Install_CannotBeDone_SaysWhy(int exitCode, string reason, params string[] arguments)
    {
        (int code, string errors) = await Call(Repository.Script, arguments);
        Assert.Equal((exitCode, 1), (code, errors.TrimEnd().Split('\n').Length));
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Errors)> Call(string program, params string[] arguments)
    {
        MetamapCommand call = await MetamapCommand.RunFile(program, new Dictionary<string, string>(), arguments);
        return (call.ExitCode, call.Errors);
    }
}
