using System.Diagnostics;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Help;

/// <summary>What bash offers with the script of <c>metamap completion bash</c>, for a program that is called <c>./metamap</c>.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("./metamap coo", "coordinator")]
    [InlineData("  ./metamap run st", "start status stop")]
    [InlineData("./metamap train --algorithm ma", "maml maml++")]
    [InlineData("./metamap train --algorithm=prot", "protonet")]
    [InlineData("./metamap train --json --see", "--seed")]
    [InlineData("./metamap worker --device c", "cpu cuda")]
    [InlineData("./metamap data download o", "omniglot")]
    [InlineData("./metamap evaluate --part v", "validation")]
    [InlineData("./metamap train --data ", "")]
    [InlineData("./metamap train --json --data", "--data --dataset")]
    public async Task Bash_ABegunWord_IsCompleted(string line, string offered)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await File.WriteAllTextAsync(_folder["metamap"], $"#!/bin/sh\nexec dotnet {Repository.Program} \"$@\"\n");
        File.SetUnixFileMode(_folder["metamap"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(_folder["script"], (await MetamapCommand.Run("completion", "bash")).Output
            + $"COMP_LINE='{line}' COMP_POINT={line.Length} COMP_WORDS=(./metamap)\n_metamap\necho \"${{COMPREPLY[*]}}\"\ncomplete -p metamap\n");
        ProcessStartInfo start = new("bash", [_folder["script"]]) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true };
        using Process bash = Process.Start(start)!;
        Assert.Equal($"{offered}\ncomplete -o default -F _metamap metamap\n", await bash.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public async Task Completion_Zsh_IsAScriptOfItsOwn()
    {
        MetamapCommand zsh = await MetamapCommand.Run("completion", "zsh");
        Assert.Equal((0, ""), (zsh.ExitCode, zsh.Errors));
        Assert.Contains("compdef _metamap metamap\n", zsh.Output, StringComparison.Ordinal);
        await MetamapCommand.AssertRefused(2, "`metamap completion` needs one of its commands: bash or zsh.", "completion");
    }
}
