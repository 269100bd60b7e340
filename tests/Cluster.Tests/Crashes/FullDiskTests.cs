using System.Text.Json;
using Xunit.Abstractions;

namespace MetaMap.Cluster.Tests.Crashes;

/// <summary>
/// The disk of a coordinator in training is full for a while, or turns read-only: readiness turns red, the last good
/// checkpoint stays, and once the disk can be written again readiness is green and the run ends with the right bits.
/// </summary>
[Trait("Category", "Slow")]
public sealed class FullDiskTests(ITestOutputHelper output) : IDisposable
{
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("full")]
    [InlineData("read-only")]
    public async Task Coordinator_DiskRefuses_TurnsRedAndRecovers(string fault)
    {
        using SmallDisk? disk = SmallDisk.Mount(_folder["runs"], megabytes: 8, output);
        if (disk is null)
        {
            return;
        }

        using TestCluster cluster = new(_folder["runs"]);
        await cluster.StartRun("small");
        await cluster.Run("small", run => run.GetProperty("iteration").GetInt32() >= 4);
        await cluster.Ready(true);
        string checkpoints = Path.Combine(_folder["runs"], "small", "checkpoints");
        Break(disk, fault);
        await cluster.Ready(false);
        string[] kept = Directory.GetFiles(checkpoints, "*.safetensors");
        JsonElement troubled = await cluster.Run("small", _ => true);
        output.WriteLine($"{fault}: red at iteration {troubled.GetProperty("iteration")}, {kept.Length} checkpoints kept; {troubled.GetProperty("problem")}");
        Assert.NotEmpty(kept);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await cluster.Http.GetAsync("/healthz/live")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await cluster.Http.GetAsync("/api/runs/small/model")).StatusCode);

        Repair(disk, fault);
        await cluster.Ready(true);
        await cluster.RightBits("small");
        Assert.DoesNotContain(cluster.LogLines, line => line.Contains("   at ", StringComparison.Ordinal));
        Assert.True(cluster.LogLines.Length < 60, $"{cluster.LogLines.Length} log lines");
    }

    [Fact]
    public async Task Coordinator_KilledWhileTheDiskIsFull_ResumesFromTheLastGoodCheckpoint()
    {
        using SmallDisk? disk = SmallDisk.Mount(_folder["runs"], megabytes: 8, output);
        if (disk is null)
        {
            return;
        }

        using (TestCluster cluster = new(_folder["runs"]))
        {
            await cluster.StartRun("small");
            await cluster.Run("small", run => run.GetProperty("iteration").GetInt32() >= 4);
            disk.Fill();
            await cluster.Ready(false);
            cluster.Coordinator.Signal(MetamapProcess.SigKill);
            await cluster.Coordinator.Exit();
        }

        disk.Free();
        SmallRun.AssertSameBits(await MetamapProcess.Run("train", "--json", "--resume", Path.Combine(_folder["runs"], "small")));
    }

    private static void Break(SmallDisk disk, string fault)
    {
        if (fault == "full")
        {
            disk.Fill();
        }
        else
        {
            disk.Protect();
        }
    }

    private static void Repair(SmallDisk disk, string fault)
    {
        if (fault == "full")
        {
            disk.Free();
        }
        else
        {
            disk.Unprotect();
        }
    }
}
