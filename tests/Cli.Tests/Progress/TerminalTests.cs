using System.Text.RegularExpressions;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Progress;

/// <summary>What people see on a terminal of 80 columns.</summary>
public sealed class TerminalTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Of a killed worker the log tells; its lines stand above the live ones, and these stand there once.</summary>
    [Fact]
    public async Task Train_WorkerIsKilled_LogLinesDoNotTearTheLiveOnes()
    {
        using TerminalProcess train = new($"train --workers 2 --threads 1 --filters 4 --iterations 1000000 --eval-episodes 0 --http-port 0 --out '{_folder["run"]}'");
        await train.Await(lines => lines.Contains("2 workers, 2 lanes") && lines.Any(line => line.StartsWith("loss ", StringComparison.Ordinal)));
        TerminalProcess.Signal(TerminalProcess.Children(train.Id)[0], TerminalProcess.SigKill);
        await train.Await(lines => lines.Contains("1 worker, 1 lane"));
        TerminalProcess.Signal(train.Id, TerminalProcess.SigInt);
        Assert.Equal(0, await train.Exit());

        IReadOnlyList<string> lines = train.Lines;
        string shown = string.Join('\n', lines);
        Assert.True(lines.Count(line => line.StartsWith("iteration ", StringComparison.Ordinal)) == 1, shown);
        Assert.Contains(lines, line => Regex.IsMatch(line, @"^iteration \d+/1000000  ─+  0%  [0-9.]+ episodes/s(  .* left)?$"));
        Assert.Contains(lines, line => Regex.IsMatch(line, @"^loss [0-9.]+  training accuracy [0-9.]+%$"));
        Assert.Contains(lines, line => Regex.IsMatch(line, @"^\d\d:\d\d:\d\d warn: "));
        Assert.Contains("is removed", string.Concat(lines), StringComparison.Ordinal);
        Assert.Contains("stopped at iteration", shown, StringComparison.Ordinal);
        Assert.True(train.Written.LastIndexOf("\u001b[?25h", StringComparison.Ordinal) > train.Written.LastIndexOf("\u001b[?25l", StringComparison.Ordinal), "the cursor stays hidden");
    }

    /// <summary>Log lines in a file have no colours, although standard output is a terminal.</summary>
    [Fact]
    public async Task Coordinator_StandardErrorIsAFile_ItHasNoColours()
    {
        using TerminalProcess coordinator = new($"coordinator --port 0 --http-port 0 --iterations 3 --runs '{_folder["runs"]}' 2>'{_folder["log"]}'");
        await coordinator.Await(_ => File.Exists(_folder["log"]) && File.ReadAllText(_folder["log"]).Contains(" info: ", StringComparison.Ordinal));
        TerminalProcess.Signal(coordinator.Id, TerminalProcess.SigInt);
        Assert.Equal(0, await coordinator.Exit());
        string log = await File.ReadAllTextAsync(_folder["log"]);
        Assert.Matches(@"(?m)^\d\d:\d\d:\d\d info: ", log);
        Assert.DoesNotContain('\u001b', log);
        Assert.Matches(@"^coordinator at 127\.0\.0\.1:[1-9]\d*, HTTP at ", log);
    }
}
