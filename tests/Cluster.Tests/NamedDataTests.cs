using System.Text.Json;

namespace MetaMap.Cluster.Tests;

/// <summary>Runs of one cluster that name their own data, as separate processes.</summary>
[Trait("Category", "Slow")]
public sealed class NamedDataTests : IDisposable
{
    private static readonly string[] _short = ["--iterations", "4", "--meta-batch", "2", "--block", "1", "--shots", "2", "--queries", "2"];
    private static readonly string[] _texts = ["--dataset", "text", "--ways", "3", .. _short];
    private static readonly string[] _table = ["--dataset", "csv", "--task-column", "city", "--target-column", "sales", .. _short];

    private readonly RunFolder _folder = new();
    private readonly string _port = $"{RunFolder.FreePort()}";
    private readonly string _httpPort = $"{RunFolder.FreePort()}";
    private readonly HttpClient _http = new();

    public NamedDataTests()
    {
        foreach (string node in new[] { "first", "second" })
        {
            Directory.CreateDirectory(_folder[$"{node}/texts"]);
            File.WriteAllLines(_folder[$"{node}/texts/intents.tsv"], Enumerable.Range(0, 48).Select(i => $"label{i / 4}\ttext {i % 4} of {i / 4}").Prepend("label\ttext"));
            File.WriteAllLines(_folder[$"{node}/table.csv"], Enumerable.Range(0, 96).Select(i => $"city{i / 8},{i % 5},{i % 7}").Prepend("city,size,sales"));
        }
    }

    private string Url => $"http://127.0.0.1:{_httpPort}";

    public void Dispose()
    {
        _folder.Dispose();
        _http.Dispose();
    }

    /// <summary>The nodes' folders are at other places.</summary>
    [Fact]
    public async Task RunStart_DatasetsOfTwoFiles_AreTrainedOneAfterTheOtherToTheBitsOfTrain()
    {
        using MetamapProcess coordinator = Coordinator();
        using MetamapProcess worker = Worker("second");
        await Poll.Ready(_http, Url, () => coordinator.Errors);
        foreach ((string name, string data, string[] options) in new[] { ("texts", "texts/intents.tsv", _texts), ("table", _folder["first/table.csv"], _table) })
        {
            JsonElement started = await MetamapProcess.Run(["run", "start", "--json", "--url", Url, "--name", name, "--data", data, .. options]);
            Assert.Equal(name == "texts" ? data : "table.csv", started.GetProperty("data").GetString());
            JsonElement run = await Finished(coordinator, name);
            Assert.Equal("finished", run.GetProperty("status").GetString());
            JsonElement here = await MetamapProcess.Run(["train", "--json", "--http-port", "0", "--eval-episodes", "0", "--threads", "1", "--out", _folder[$"local/{name}"], "--data", _folder[$"first/{started.GetProperty("data").GetString()}"], .. options]);
            Assert.Equal(here.GetProperty("model_sha256").GetString(), run.GetProperty("model_sha256").GetString());
        }
    }

    [Fact]
    public async Task RunStart_DataThatTheWorkerLacksOrHasOtherwise_FailsWithItsReasonAndGoesOnWithAnother()
    {
        File.Delete(_folder["second/table.csv"]);
        File.AppendAllText(_folder["second/texts/intents.tsv"], "label0\tmore\n");
        using MetamapProcess coordinator = Coordinator();
        using MetamapProcess worker = Worker("second");
        await Poll.Ready(_http, Url, () => coordinator.Errors);
        await MetamapProcess.Run(["run", "start", "--json", "--url", Url, "--name", "table", "--data", "table.csv", .. _table]);
        await MetamapProcess.Run(["run", "start", "--json", "--url", Url, "--name", "texts", "--data", "texts/intents.tsv", .. _texts]);
        Assert.Contains($"There is no 'table.csv' in {_folder["second"]},", (await Finished(coordinator, "table")).GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Contains("give both the same files under the name texts/intents.tsv.", (await Finished(coordinator, "texts")).GetProperty("problem").GetString(), StringComparison.Ordinal);

        using MetamapProcess another = Worker("first");
        await MetamapProcess.Run("run", "resume", "table", "--json", "--url", Url);
        Assert.Equal("finished", (await Finished(coordinator, "table")).GetProperty("status").GetString());
    }

    private MetamapProcess Coordinator() => MetamapProcess.Start(
        "coordinator", "--no-run", "--port", _port, "--http-port", _httpPort, "--runs", _folder["runs"], "--data", _folder["first"]);

    private MetamapProcess Worker(string data) => MetamapProcess.Start("worker", "--coordinator", $"127.0.0.1:{_port}", "--threads", "1", "--data", _folder[data]);

    private Task<JsonElement> Finished(MetamapProcess coordinator, string name) =>
        Poll.Json(_http, $"{Url}/api/runs/{name}", run => run.GetProperty("status").GetString() is "finished" or "failed", () => coordinator.Errors);
}
