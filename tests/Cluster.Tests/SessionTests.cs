using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using MetaMap.Data;
using MetaMap.Data.Glyphs;
using MetaMap.Testing;

namespace MetaMap.Cluster.Tests;

/// <summary>A coordinator and two workers as processes, and somebody who lets them adapt the model to own images. Nothing they are asked depends on who is alive.</summary>
[Trait("Category", "Slow")]
public sealed class SessionTests : IDisposable
{
    private const int Labels = 4;
    private const int Shots = 5;

    private readonly RunFolder _folder = new();
    private readonly string _port = $"{RunFolder.FreePort()}";
    private readonly string _httpPort = $"{RunFolder.FreePort()}";
    private readonly HttpClient _http = new() { Timeout = TestTime.Limit };
    private readonly GlyphDataset _glyphs = new();
    private readonly int[] _unseen;

    public SessionTests() => _unseen = [.. ClassSplitter.Split(_glyphs.Catalog, ClassSplitter.Seeded, 1).Test.Take(Labels)];

    private string Url => $"http://127.0.0.1:{_httpPort}";

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Sessions_WorkerKilledAndCoordinatorStartedAnew_SayTheSameAsTheModelAdaptedLocally()
    {
        using MetamapProcess coordinator = Coordinator();
        using MetamapProcess first = Worker();
        using MetamapProcess second = Worker();
        await Poll.Json(_http, $"{Url}/api/runs/one", run => run.GetProperty("status").GetString() == "finished", () => coordinator.Errors);
        await Poll.Json(_http, $"{Url}/api/workers", workers => workers.GetArrayLength() == 2, () => coordinator.Errors);

        JsonObject body = new() { ["support"] = new JsonArray([.. Each(0, Shots).Select(one => (JsonNode)new JsonObject { ["label"] = $"label{one.Label}", ["image"] = Convert.ToBase64String(one.Png) })]) };
        string[] sessions = [.. await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ => (await Post("api/runs/one/adapt", body)).GetProperty("sessionId").GetString()!))];
        JsonObject queries = new() { ["images"] = new JsonArray([.. Each(Shots, 10).Select(one => (JsonNode)Convert.ToBase64String(one.Png))]) };
        string[] answers = [.. await Task.WhenAll(sessions.Select(async session => (await Post($"api/sessions/{session}/predict", queries)).GetRawText()))];
        Assert.Single(answers.Distinct());

        // Half of the sessions die with their worker, in the middle of an answer.
        Task<JsonElement>[] asked = [.. sessions.Select(session => Post($"api/sessions/{session}/predict", queries))];
        first.Signal(MetamapProcess.SigKill);
        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal(answers[0], answer.GetRawText()));

        // The same as adapting on this machine, in the terminal; and the model that was adapted over there.
        WriteFolders();
        JsonElement row = await MetamapProcess.Run("adapt", "--json", "--url", Url, "--support", _folder["support"], "--query", _folder["query/0.png"]);
        JsonElement prediction = JsonDocument.Parse(answers[0]).RootElement.GetProperty("predictions")[0];
        Assert.Equal(prediction.GetProperty("label").GetString(), row.GetProperty("label").GetString());
        Assert.All(row.GetProperty("probabilities").EnumerateObject(), label => Assert.Equal(prediction.GetProperty("probabilities").GetProperty(label.Name).GetDouble(), label.Value.GetDouble(), 1e-5));
        await File.WriteAllBytesAsync(_folder["adapted.safetensors"], await _http.GetByteArrayAsync($"{Url}/api/sessions/{sessions[0]}/model"));
        Assert.Equal(row.GetRawText(), (await MetamapProcess.Run("predict", "--json", "--file", _folder["adapted.safetensors"], "--query", _folder["query/0.png"])).GetRawText());

        using MultipartFormDataContent form = Form(Each(0, Shots).Select(one => ($"label{one.Label}", one.Png)));
        using HttpResponseMessage opened = await _http.PostAsync($"{Url}/api/runs/one/adapt", form);
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        using MultipartFormDataContent asks = Form(Each(Shots, 10).Select(one => ("images", one.Png)));
        using HttpResponseMessage predicted = await _http.PostAsync($"{Url}{opened.Headers.Location}/predict", asks);
        Assert.Equal(answers[0], await predicted.Content.ReadAsStringAsync());

        // Sessions outlive their coordinator; one that is ended does not.
        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync($"{Url}/api/sessions/{sessions[1]}")).StatusCode);
        coordinator.Signal(MetamapProcess.SigTerm);
        await coordinator.Exit();
        using MetamapProcess again = Coordinator();
        await Poll.Json(_http, $"{Url}/api/workers", workers => workers.GetArrayLength() == 1, () => again.Errors);
        Assert.Equal(answers[0], (await Post($"api/sessions/{sessions[0]}/predict", queries)).GetRawText());
        Assert.Equal(HttpStatusCode.NotFound, (await _http.PostAsJsonAsync($"{Url}/api/sessions/{sessions[1]}/predict", queries)).StatusCode);
    }

    private static MultipartFormDataContent Form(IEnumerable<(string Name, byte[] Png)> files)
    {
        MultipartFormDataContent form = [];
        foreach ((string name, byte[] png) in files)
        {
            form.Add(new ByteArrayContent(png), name, "image.png");
        }

        return form;
    }

    private MetamapProcess Coordinator() => MetamapProcess.Start(
        "coordinator", "--port", _port, "--http-port", _httpPort, "--runs", _folder["runs"], "--name", "one", "--dataset", "glyphs", "--iterations", "20", "--meta-batch", "4", "--filters", "8");

    private MetamapProcess Worker() => MetamapProcess.Start("worker", "--coordinator", $"127.0.0.1:{_port}", "--threads", "1");

    private IEnumerable<(int Label, byte[] Png)> Each(int first, int count)
    {
        int side = _glyphs.Catalog.Input.ToImageShape().Height;
        return from label in Enumerable.Range(0, Labels)
               from example in Enumerable.Range(first, count)
               let ink = _glyphs.Image(_unseen[label], example)
               select (label, PngFile.Of(side, side, 1, (y, x, _) => (int)Math.Round(255 - (255 * ink[(y * side) + x]))));
    }

    private void WriteFolders()
    {
        foreach (((int label, byte[] png), int i) in Each(0, Shots).Select((one, i) => (one, i)))
        {
            Directory.CreateDirectory(_folder[$"support/label{label}"]);
            File.WriteAllBytes(_folder[string.Create(CultureInfo.InvariantCulture, $"support/label{label}/{i:00}.png")], png);
        }

        Directory.CreateDirectory(_folder["query"]);
        File.WriteAllBytes(_folder["query/0.png"], Each(Shots, 1).First().Png);
    }

    private async Task<JsonElement> Post(string path, JsonObject body)
    {
        using HttpResponseMessage answer = await _http.PostAsJsonAsync($"{Url}/{path}", body);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
