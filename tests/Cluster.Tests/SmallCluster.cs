using System.Text.Json;

namespace MetaMap.Cluster.Tests;

/// <summary>A coordinator and workers, each a process, that train the small run; the model has the bits of the local loop whatever is done to them.</summary>
public abstract class SmallCluster : IDisposable
{
    private readonly List<MetamapProcess> _processes = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private protected RunFolder Folder { get; } = new();

    private protected int HttpPort { get; } = RunFolder.FreePort();

    public void Dispose()
    {
        _http.Dispose();
        _processes.ForEach(process => process.Dispose());
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected MetamapProcess Coordinator(string port, params string[] seeds) => Coordinator("127.0.0.1", port, seeds);

    private protected MetamapProcess Coordinator(string host, string port, string[] seeds, params string[] more) => Add(MetamapProcess.Start([
        "coordinator", "--host", host, "--port", port, "--http-port", $"{HttpPort}", "--runs", Folder["runs"], "--name", "small",
        "--seeds", string.Join(',', seeds.Select(seed => $"{host}:{seed}")), .. SmallRun.Arguments(null, more)]));

    private protected MetamapProcess Worker(params string[] ports) => Add(MetamapProcess.Start(
        "worker", "--coordinator", string.Join(',', ports.Select(port => $"127.0.0.1:{port}")), "--threads", "1"));

    private protected MetamapProcess Add(MetamapProcess process)
    {
        _processes.Add(process);
        return process;
    }

    private protected async Task Iteration(int iteration, int workers)
    {
        await Rows("workers", rows => rows.Length == workers);
        await Rows("runs", rows => rows.Length == 1 && rows[0].GetProperty("iteration").GetInt32() >= iteration);
    }

    private protected async Task<JsonElement> Finished()
    {
        JsonElement run = (await Rows("runs", rows => rows.Length == 1 && rows[0].GetProperty("status").GetString() == "finished"))[0];
        Assert.Equal(SmallRun.LocalSha256, run.GetProperty("model_sha256").GetString());
        return run;
    }

    /// <summary>Asks the coordinator until its rows fit.</summary>
    private protected async Task<JsonElement[]> Rows(string of, Func<JsonElement[], bool> fit) => [.. (await Poll.Json(
        _http, $"http://127.0.0.1:{HttpPort}/api/{of}", rows => fit([.. rows.EnumerateArray()]), () => string.Join("\n----\n", _processes.Select(process => process.Errors)))).EnumerateArray()];
}
