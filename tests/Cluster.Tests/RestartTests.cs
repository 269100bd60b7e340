using System.Text.Json;

namespace MetaMap.Cluster.Tests;

/// <summary>A coordinator that is ended and started again by the same command: nothing is begun twice, and nothing goes on that somebody has paused.</summary>
[Trait("Category", "Slow")]
public sealed class RestartTests : IDisposable
{
    private readonly RunFolder _folder = new();
    private readonly string _port = $"{RunFolder.FreePort()}";
    private readonly string _httpPort = $"{RunFolder.FreePort()}";
    private readonly HttpClient _http = new();

    private string Url => $"http://127.0.0.1:{_httpPort}";

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Coordinator_SameCommandAgain_GoesOnWithItsRun()
    {
        string[] command = ["coordinator", "--port", _port, "--http-port", _httpPort, "--runs", _folder["runs"], .. SmallRun.Arguments(iterations: 100_000)];
        using MetamapProcess worker = MetamapProcess.Start("worker", "--coordinator", $"127.0.0.1:{_port}", "--threads", "1");
        string name;
        using (MetamapProcess first = MetamapProcess.Start(command))
        {
            name = (await Only(first, run => run.GetProperty("iteration").GetInt32() >= 2)).GetProperty("run_id").GetString()!;
            await End(first, $"go on with: metamap {string.Join(' ', command)}\n");
        }

        using (MetamapProcess second = MetamapProcess.Start(command))
        {
            Assert.Equal(name, (await Only(second, run => run.GetProperty("status").GetString() == "training")).GetProperty("run_id").GetString());
            Assert.Contains($"run {name} with the same options goes on from iteration", second.Errors, StringComparison.Ordinal);
            using HttpResponseMessage paused = await _http.PostAsync($"{Url}/api/runs/{name}/pause", null);
            paused.EnsureSuccessStatusCode();
            await End(second, "");
        }

        using (MetamapProcess third = MetamapProcess.Start(command))
        {
            await Poll.Until(_ => Task.FromResult(third.Errors.Contains($"run {name} is paused at iteration", StringComparison.Ordinal)), () => third.Errors);
            Assert.Equal("paused", (await Only(third, _ => true)).GetProperty("status").GetString());
            await MetamapProcess.Run("run", "resume", name, "--json", "--url", Url);
            await End(third, "");
        }

        using (MetamapProcess without = MetamapProcess.Start("coordinator", "--port", _port, "--http-port", _httpPort, "--runs", _folder["runs"], "--no-run"))
        {
            await Poll.Until(_ => Task.FromResult(without.Errors.Contains($"{name} wait in", StringComparison.Ordinal)), () => without.Errors);
            Assert.Equal("queued", (await Only(without, _ => true)).GetProperty("status").GetString());
            await MetamapProcess.Run("run", "resume", name, "--json", "--url", Url);
            await Only(without, run => run.GetProperty("status").GetString() == "training");
            // Without that it would leave all runs alone again.
            await End(without, "--no-run --take-up\n");
        }

        using MetamapProcess another = MetamapProcess.Start([.. command, "--new-run"]);
        JsonElement runs = await Poll.Json(_http, $"{Url}/api/runs", runs => runs.GetArrayLength() == 2, () => another.Errors);
        Assert.Equal(2, runs.EnumerateArray().Select(run => run.GetProperty("run_id").GetString()).Distinct().Count());
        // Without --new-run, which would start a third.
        await End(another, $"go on with: metamap {string.Join(' ', command)}\n");
    }

    private static async Task End(MetamapProcess coordinator, string said)
    {
        coordinator.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await coordinator.Exit());
        Assert.Contains(said, coordinator.Errors + "\n", StringComparison.Ordinal);
    }

    private async Task<JsonElement> Only(MetamapProcess coordinator, Func<JsonElement, bool> fits) =>
        (await Poll.Json(_http, $"{Url}/api/runs", runs => runs.GetArrayLength() == 1 && fits(runs[0]), () => coordinator.Errors))[0];
}
