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

    [Fact]
    public async Task Coordinator_DiskRefuses_TurnsRedRecoversAndResumesFromTheLastGoodCheckpoint()
    {
        using SmallDisk? disk = SmallDisk.Mount(_folder["runs"], megabytes: 8, output);
        if (disk is null)
        {
            return;
        }

        using (TestCluster cluster = new(_folder["runs"]))
        {
            foreach (string fault in (string[])["full", "read-only"])
            {
                await cluster.StartRun(fault);
                await Refuse(cluster, disk, fault);
                Repair(disk, fault);
                await cluster.Ready(true);
                await cluster.RightBits(fault);
            }

            Assert.DoesNotContain(cluster.LogLines, line => line.Contains("   at ", StringComparison.Ordinal));
            Assert.True(cluster.LogLines.Length < 100, $"{cluster.LogLines.Length} log lines");

            await cluster.StartRun("killed");
            await Refuse(cluster, disk, "full", "killed");
            await cluster.Coordinator.Kill();
        }

        disk.Free();
        SmallRun.AssertSameBits(await MetamapProcess.Run("train", "--json", "--resume", Path.Combine(_folder["runs"], "killed")));
    }

    /// <summary>A run trains; the disk refuses; readiness turns red, and what is kept is served.</summary>
    private async Task Refuse(TestCluster cluster, SmallDisk disk, string fault, string? name = null)
    {
        string run = name ?? fault;
        await cluster.Run(run, shown => shown.GetProperty("iteration").GetInt32() >= 4);
        await cluster.Ready(true);
        Break(disk, fault);
        await cluster.Ready(false);
        string[] kept = Directory.GetFiles(Path.Combine(_folder["runs"], run, "checkpoints"), "*.safetensors");
        JsonElement troubled = await cluster.Run(run, _ => true);
        output.WriteLine($"{fault}: red at iteration {troubled.GetProperty("iteration")}, {kept.Length} checkpoints kept; {troubled.GetProperty("problem")}");
        Assert.NotEmpty(kept);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await cluster.Http.GetAsync("/healthz/live")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await cluster.Http.GetAsync($"/api/runs/{run}/model")).StatusCode);
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
