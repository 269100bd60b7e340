using System.Text.Json;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Cluster.Tests;

/// <summary>A coordinator and workers as separate processes over TCP, used as the README says.</summary>
[Trait("Category", "Slow")]
public sealed class NodesTests : IDisposable
{
    private readonly RunFolder _folder = new();
    private readonly string _port = $"{RunFolder.FreePort()}";
    private readonly string _httpPort = $"{RunFolder.FreePort()}";

    private string Url => $"http://127.0.0.1:{_httpPort}";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Coordinator_WorkersComeAndGo_ModelIsServedWhileItTrains()
    {
        using MetamapProcess coordinator = MetamapProcess.Start(
            ["coordinator", "--port", _port, "--http-port", _httpPort, "--runs", _folder["runs"], "--name", "small", .. SmallRun.Arguments(iterations: 100_000)]);
        using MetamapProcess first = Worker();
        JsonElement run = await Rows(coordinator, "runs", status => status.GetProperty("iteration").GetInt32() >= 3);
        Assert.Equal("training", run.GetProperty("status").GetString());
        Assert.DoesNotContain("libtorch", await File.ReadAllTextAsync($"/proc/{coordinator.Id}/maps"), StringComparison.Ordinal);

        // The model in the middle of training is whole, and younger later.
        JsonElement model = await MetamapProcess.Run("model", "--json", "--url", Url, "--out", _folder["m.safetensors"]);
        ModelFile file = ModelFile.Read(_folder["m.safetensors"]);
        Assert.True(file.Iteration >= 3);
        Assert.Equal(model.GetProperty("model_sha256").GetString(), file.Parameters.Sha256);
        JsonElement evaluated = await MetamapProcess.Run("evaluate", "--json", "--url", Url, "--episodes", "20");
        Assert.InRange(evaluated.GetProperty("test_accuracy").GetDouble(), 0.1, 1);
        JsonElement there = await MetamapProcess.Run("evaluate", "--json", "--url", Url, "--episodes", "20", "--on-cluster");
        Assert.Equal(2, there.GetProperty("baselines").GetArrayLength());
        Assert.Equal(evaluated.GetProperty("baselines").GetRawText(), there.GetProperty("baselines").GetRawText());

        // A worker joins, the first leaves in good order, and training goes on.
        using MetamapProcess second = Worker();
        await Rows(coordinator, "workers", worker => worker.GetProperty("counted_blocks").GetInt64() > 0, rows: 2);
        first.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await first.Exit());
        await Rows(coordinator, "workers", _ => true, rows: 1);
        int iteration = (await Rows(coordinator, "runs", _ => true)).GetProperty("iteration").GetInt32();
        await Rows(coordinator, "runs", status => status.GetProperty("iteration").GetInt32() > iteration + 2);

        // The coordinator leaves in good order and its run can be resumed.
        coordinator.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await coordinator.Exit());
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_folder["runs"], "small", "checkpoints")));
    }

    private MetamapProcess Worker() => MetamapProcess.Start("worker", "--coordinator", $"127.0.0.1:{_port}", "--threads", "1");

    /// <summary>Asks the coordinator until its rows fit; returns the last row.</summary>
    private async Task<JsonElement> Rows(MetamapProcess coordinator, string of, Func<JsonElement, bool> fits, int? rows = null)
    {
        using HttpClient http = new();
        JsonElement found = await Poll.Json(
            http, $"{Url}/api/{of}",
            found => found.GetArrayLength() > 0 && found.GetArrayLength() == (rows ?? found.GetArrayLength()) && found.EnumerateArray().All(fits),
            () => coordinator.Errors);
        return found.EnumerateArray().Last();
    }
}
