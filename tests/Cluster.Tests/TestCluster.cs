using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using MetaMap.Training.Configuration;

namespace MetaMap.Cluster.Tests;

/// <summary>A real coordinator process with one real worker, looked at from outside: HTTP, /proc and the log.</summary>
internal sealed class TestCluster : IDisposable
{
    /// <summary>What the coordinator's managed heap may grow to: whoever makes it need more ends it.</summary>
    public const long HeapBytes = 256 << 20;

    private readonly MetamapProcess _worker;

    /// <summary>Starts both. Without <paramref name="run"/> the coordinator waits for runs.</summary>
    public TestCluster(string runs, params string[] run)
    {
        Port = RunFolder.FreePort();
        HttpPort = RunFolder.FreePort();
        Http = new HttpClient { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromSeconds(30) };
        Coordinator = MetamapProcess.StartUnder(
            ["env", $"DOTNET_GCHeapHardLimit=0x{HeapBytes:x}", "dotnet"],
            ["coordinator", "--port", $"{Port}", "--http-port", $"{HttpPort}", "--runs", runs, .. run.Length == 0 ? ["--no-run"] : run]);
        _worker = MetamapProcess.Start("worker", "--coordinator", $"127.0.0.1:{Port}", "--threads", "1", "--quiet");
    }

    public int Port { get; }

    public int HttpPort { get; }

    private string Url => $"http://127.0.0.1:{HttpPort}";

    public HttpClient Http { get; }

    public MetamapProcess Coordinator { get; }

    /// <summary>Resident memory of the coordinator.</summary>
    public long ResidentBytes => 1024 * long.Parse(
        File.ReadLines($"/proc/{Coordinator.Id}/status").Single(line => line.StartsWith("VmRSS", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <summary>What the coordinator has written to its log so far.</summary>
    public string[] LogLines => Coordinator.Errors.Split('\n');

    /// <summary>Starts <see cref="SmallRun"/> under a name, once the coordinator is ready.</summary>
    public async Task StartRun(string name)
    {
        JsonObject body = new() { ["name"] = name, ["options"] = JsonNode.Parse(RunOptionsJson.Write(SmallRun.Options)) };
        await Ready(true);
        using HttpResponseMessage answer = await Http.PostAsJsonAsync("/api/runs", body);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Waits until a run fits.</summary>
    public Task<JsonElement> Run(string name, Func<JsonElement, bool> fits) => Poll.Json(Http, $"{Url}/api/runs/{name}", fits, () => Coordinator.Errors);

    /// <summary>Waits until a run is finished, which must have the bits of the local loop.</summary>
    public async Task RightBits(string name)
    {
        JsonElement run = await Run(name, run => run.GetProperty("status").GetString() is not ("training" or "queued" or "waiting"));
        Assert.Equal("finished", run.GetProperty("status").GetString());
        Assert.Equal(SmallRun.LocalSha256, run.GetProperty("model_sha256").GetString());
    }

    /// <summary>Waits until the coordinator says that it is ready, or that it is not.</summary>
    public Task Ready(bool wanted) => Poll.Ready(Http, Url, () => Coordinator.Errors, wanted);

    public void Dispose()
    {
        _worker.Dispose();
        Coordinator.Dispose();
        Http.Dispose();
    }
}
