using System.Diagnostics;
using MetaMap.Testing;

namespace MetaMap.Cluster.Tests;

/// <summary>The script of samples/cluster as it stands, with fewer iterations.</summary>
[Trait("Category", "Slow")]
public sealed class ClusterWalkTests : IDisposable
{
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Walk_WorkerIsKilled_EndsWithAModelAndEveryPromiseKept()
    {
        ProcessStartInfo start = new(Repository.PathOf("samples", "cluster", "walk.sh")) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["METAMAP"], start.Environment["OUT"], start.Environment["ITERATIONS"], start.Environment["EPISODES"]) = ($"dotnet {Repository.Program}", _folder["walk"], "40", "20");
        using Process walk = Process.Start(start)!;
        Task<string> errors = walk.StandardError.ReadToEndAsync();
        string output = await walk.StandardOutput.ReadToEndAsync();
        await walk.WaitForExitAsync();
        Assert.True(walk.ExitCode == 0, $"{output}\n{await errors}");
        Assert.Contains("every promise kept: 40 commits up to iteration 40", output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^midway 0\.\d+\r?\nmodel 0\.\d+", output);
    }
}
