using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Workers;
using MetaMap.Core.Options;
using MetaMap.Core.Safetensors;
using MetaMap.Data.Glyphs;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Coordinator.Tests.Http;

public sealed class HttpTests(CoordinatorApp app) : IClassFixture<CoordinatorApp>
{
    private static int _runs;

    [Fact]
    public async Task Runs_StartLookStop_ShowTheRun()
    {
        string name = NewName();
        HttpResponseMessage created = await Start($$"""{"name":"{{name}}","options":{"ways":3,"filters":4} }""");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal($"/api/runs/{name}", created.Headers.Location!.ToString());
        RunBody run = await Read<RunBody>(created);
        Assert.Equal((name, "training", 0, OptionValues.None.Resolve().Iterations, 3), (run.RunId, run.Status, run.Iteration, run.Iterations, run.Options.EpisodeShape.Ways));
        Assert.Equal(OptionValues.Of(("ways", 3), ("filters", 4)).Resolve(), run.Options);
        Assert.Contains((await Get<RunBody[]>("api/runs")), listed => listed.RunId == name);
        Assert.Equal(run.ModelSha256, (await Get<RunBody>($"api/runs/{name}")).ModelSha256);

        RunBody stopped = await Read<RunBody>(await app.Http.PostAsync($"api/runs/{name}/stop", null));
        Assert.Equal("stopped", stopped.Status);
        Assert.True(File.Exists(Path.Combine(app.RunsDirectory, name, "model.safetensors")));
    }

    [Fact]
    public async Task Metrics_OfARun_AreLabelledByItsName()
    {
        string name = await StartRun();
        HttpResponseMessage response = await app.Http.GetAsync("metrics");
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        foreach (string metric in new[] { "iterations_committed", "speculative_leases", "speculative_wins", "quarantined_blocks", "audited_blocks" })
        {
            Assert.Contains($"metamap_{metric}{{run=\"{name}\"}} 0", lines);
        }

        RunBody run = await Get<RunBody>($"api/runs/{name}");
        Assert.Equal("waiting for workers: 0 of 1", run.Problem);
    }

    [Fact]
    public async Task Runs_StartedWithoutAName_AreNamedAfterTheirOptions()
    {
        RunBody run = await Read<RunBody>(await Start("""{"options":{"filters":1} }"""));
        Assert.Matches("^glyphs-5w1s-maml-[0-9]{8}-[0-9]{6}$", run.RunId);
    }

    [Fact]
    public async Task Runs_StartedWithoutANameInTheSameSecond_HaveNamesOfTheirOwn()
    {
        RunBody[] runs = [.. await Task.WhenAll((await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => Start("""{"options":{"filters":1,"ways":4} }""")))).Select(Read<RunBody>))];
        Assert.Equal(3, runs.Select(run => run.RunId).Distinct().Count());
    }

    [Fact]
    public async Task Runs_NameThatIsTaken_IsAConflict()
    {
        string name = await StartRun();
        await AssertRefused(await Start($$"""{"name":"{{name}}"}"""), HttpStatusCode.Conflict, $"There is a run {name} already");
    }

    [Fact]
    public async Task Runs_NameOfAStoredRun_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(app.RunsDirectory, "stored"));
        await File.WriteAllTextAsync(Path.Combine(app.RunsDirectory, "stored", "config.json"), "{}");
        await AssertRefused(await Start("""{"name":"stored"}"""), HttpStatusCode.BadRequest, "already holds a run");
    }

    [Theory]
    [InlineData("""{"options":{"ways":1} }""", "--ways is 1, but it must be 2 or more.")]
    [InlineData("""{"options":{"ways":900} }""", "900 ways need at least 900")]
    [InlineData("""{"options":{"filters":2000000} }""", "more parameters than a vector can hold")]
    [InlineData("""{"options":{"dataset":"omniglot"}}""", "pass --data with")]
    [InlineData("""{"options":{"dataset":"cifar"}}""", "There is no dataset 'cifar'")]
    [InlineData("""{"options":{"split":"mine"}}""", "there is no split mine")]
    [InlineData("""{"options":{"speed":1} }""", "The request body has the unknown key 'options.speed'")]
    [InlineData("""{"speed":1}""", "The request body has the unknown key 'speed'")]
    [InlineData("""{"options":{"ways":"five"}}""", "not valid JSON for run options at 'options.ways'")]
    [InlineData("""{"options":{"dataset":5}}""", "not valid JSON for run options at 'options.dataset'")]
    [InlineData("{", "not valid JSON")]
    [InlineData("", "cannot be read")]
    [InlineData("null", "cannot be read")]
    [InlineData("""{"name":""}""", "'' is not a name for a run")]
    [InlineData("""{"name":"../escape"}""", "'../escape' is not a name for a run")]
    [InlineData("""{"name":".hidden"}""", "is not a name for a run")]
    [InlineData("""{"name":"a b"}""", "is not a name for a run")]
    [InlineData("""{"name":"ü"}""", "is not a name for a run")]
    public async Task Runs_BadBody_Is400WithOneSentence(string body, string reason) =>
        await AssertRefused(await Start(body), HttpStatusCode.BadRequest, reason);

    [Fact]
    public async Task Runs_BodyThatIsNotJson_IsRefused() => await AssertRefused(
        await app.Http.PostAsync("api/runs", new StringContent("ways=5", Encoding.UTF8, "text/plain")), HttpStatusCode.UnsupportedMediaType, "needs a body with the content type application/json");

    [Theory]
    [InlineData("api/runs/nobody", "There is no run 'nobody'")]
    [InlineData("api/runs/nobody/model", "There is no such run")]
    [InlineData("api/runs/nobody/model/info", "There is no such run")]
    [InlineData("api/nothing", "There is nothing at /api/nothing.")]
    [InlineData("nothing/at/all", "There is nothing at /nothing/at/all.")]
    public async Task Get_WhatIsNotThere_Is404WithOneSentence(string path, string reason) =>
        await AssertRefused(await app.Http.GetAsync(path), HttpStatusCode.NotFound, reason);

    [Fact]
    public async Task Stop_UnknownRun_Is404() =>
        await AssertRefused(await app.Http.PostAsync("api/runs/nobody/stop", null), HttpStatusCode.NotFound, "There is no run 'nobody'");

    [Fact]
    public async Task Runs_WrongMethod_IsRefusedWithOneSentence() =>
        await AssertRefused(await app.Http.DeleteAsync("api/runs"), HttpStatusCode.MethodNotAllowed, "/api/runs does not understand DELETE.");

    [Fact]
    public async Task Model_Download_IsAWholeModelWithItsVersionAsETag()
    {
        string name = await StartRun();
        HttpResponseMessage response = await app.Http.GetAsync($"api/runs/{name}/model");
        byte[] bytes = await response.Content.ReadAsByteArrayAsync();
        ModelFile model = ModelFile.FromSafetensors(SafetensorsReader.Read(bytes, "answer"), "answer");
        Assert.Equal((name, 0), (model.RunId, model.Iteration));
        Assert.Equal($"\"0-{model.Parameters.Sha256[..16]}\"", response.Headers.ETag!.Tag);
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);

        ModelInfoBody info = await Get<ModelInfoBody>($"api/runs/{name}/model/info");
        Assert.Equal(
            (name, 0, "conv4-stride", model.Parameters.Layout.Length, bytes.Length, model.Parameters.Sha256, model.Parameters.Layout.Digest),
            (info.RunId, info.Version, info.Model, info.Parameters, info.LengthBytes, info.ModelSha256, info.LayoutDigest));
        Assert.Equal("conv1.weight [1, 1, 3, 3]", info.Tensors[0]);
    }

    [Fact]
    public async Task Model_Current_IsThatOfTheNewestRun()
    {
        string name = await StartRun();
        Assert.Equal(name, (await Get<ModelInfoBody>("api/model/info")).RunId);
        byte[] current = await app.Http.GetByteArrayAsync("api/model");
        Assert.Equal(current, await app.Http.GetByteArrayAsync($"api/runs/{name}/model"));
    }

    [Fact]
    public async Task Model_IfNoneMatch_Is304()
    {
        string name = await StartRun();
        EntityTagHeaderValue tag = (await app.Http.GetAsync($"api/runs/{name}/model")).Headers.ETag!;
        using HttpRequestMessage request = new(HttpMethod.Get, $"api/runs/{name}/model");
        request.Headers.IfNoneMatch.Add(tag);
        HttpResponseMessage response = await app.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());

        using HttpRequestMessage other = new(HttpMethod.Get, $"api/runs/{name}/model");
        other.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"1-0000000000000000\""));
        Assert.Equal(HttpStatusCode.OK, (await app.Http.SendAsync(other)).StatusCode);
    }

    [Fact]
    public async Task Model_Head_IsWhatADownloadBeginsWith()
    {
        string name = await StartRun();
        HttpResponseMessage whole = await app.Http.GetAsync($"api/runs/{name}/model");
        using HttpRequestMessage request = new(HttpMethod.Head, $"api/runs/{name}/model");
        HttpResponseMessage response = await app.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(whole.Headers.ETag, response.Headers.ETag);
        Assert.Equal((await whole.Content.ReadAsByteArrayAsync()).Length, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Model_Range_IsPartOfTheFile()
    {
        string name = await StartRun();
        byte[] whole = await app.Http.GetByteArrayAsync($"api/runs/{name}/model");
        using HttpRequestMessage request = new(HttpMethod.Get, $"api/runs/{name}/model");
        request.Headers.Range = new RangeHeaderValue(8, 99);
        HttpResponseMessage response = await app.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(whole[8..100], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(whole.Length, response.Content.Headers.ContentRange!.Length);
    }

    [Fact]
    public async Task Model_Version_IsTheCurrentOrAStoredOneOr404()
    {
        string name = await StartRun();
        byte[] current = await app.Http.GetByteArrayAsync($"api/runs/{name}/model");
        Assert.Equal(current, await app.Http.GetByteArrayAsync($"api/runs/{name}/model?version=0"));
        await AssertRefused(await app.Http.GetAsync($"api/runs/{name}/model?version=7"), HttpStatusCode.NotFound, $"Version 7 of run {name} is not kept; the current version is 0");
        await AssertRefused(await app.Http.GetAsync($"api/runs/{name}/model?version=-1"), HttpStatusCode.NotFound, "is not kept");
        await AssertRefused(await app.Http.GetAsync($"api/runs/{name}/model?version=new"), HttpStatusCode.BadRequest, "cannot be read");
        string checkpoint = Path.Combine(app.RunsDirectory, name, "checkpoints", "00000009.safetensors");
        await File.WriteAllTextAsync(checkpoint, "damaged");
        await AssertRefused(await app.Http.GetAsync($"api/runs/{name}/model?version=9"), HttpStatusCode.NotFound, "is not kept");
    }

    [Fact]
    public async Task Model_VersionOfACheckpoint_IsDownloaded()
    {
        string name = await StartRun();
        byte[] current = await app.Http.GetByteArrayAsync($"api/runs/{name}/model");
        ModelFile model = ModelFile.FromSafetensors(SafetensorsReader.Read(current, "answer"), "answer");
        var training = new MetaTraining(name, model.Options, new GlyphDataset().Catalog);
        MetaState state = training.Begin() with { Iteration = 4 };
        new RunDirectory(Path.Combine(app.RunsDirectory, name)).Save(state);
        byte[] stored = await app.Http.GetByteArrayAsync($"api/runs/{name}/model?version=4");
        Assert.Equal(model with { Iteration = 4 }, ModelFile.FromSafetensors(SafetensorsReader.Read(stored, "answer"), "answer"));
    }

    [Fact]
    public async Task Workers_AreListedByName()
    {
        WorkerBoard board = app.Services.GetRequiredService<WorkerBoard>();
        board.Publish(new WorkerSnapshot(new WorkerId("b"), "akka.tcp://x", "0.1.0", 2, "cpu", "direct", "ready", 3, 12));
        board.Publish(new WorkerSnapshot(new WorkerId("a"), "akka.tcp://y", "0.1.0", 1, "cpu", "direct", "unreachable", 0, 0));
        WorkerBody[] workers = await Get<WorkerBody[]>("api/workers");
        Assert.Equal(["a", "b"], workers.Select(worker => worker.WorkerId));
        Assert.Equal(new WorkerBody("b", "akka.tcp://x", "0.1.0", 2, "cpu", "direct", "ready", 3, 12), workers[1]);
        board.Remove(new WorkerId("a"));
        board.Remove(new WorkerId("b"));
    }

    [Fact]
    public async Task Runs_PausedResumedDeleted_AreShownAsTheyAre()
    {
        string name = await StartRun();
        Assert.Equal("paused", (await Read<RunBody>(await app.Http.PostAsync($"api/runs/{name}/pause", null))).Status);
        Assert.Equal("paused", (await Get<RunBody>($"api/runs/{name}")).Status);
        Assert.Equal("paused", (await Read<RunBody>(await app.Http.PostAsync($"api/runs/{name}/pause", null))).Status);
        Assert.Equal(0, (await Get<ModelInfoBody>($"api/runs/{name}/model/info")).Version);
        RunBody resumed = await Read<RunBody>(await app.Http.PostAsync($"api/runs/{name}/resume", null));
        Assert.Equal(("training", 2L), (resumed.Status, resumed.Epoch));
        Assert.Equal("stopped", (await Read<RunBody>(await app.Http.PostAsync($"api/runs/{name}/stop", null))).Status);
        await AssertRefused(await app.Http.PostAsync($"api/runs/{name}/pause", null), HttpStatusCode.Conflict, "is stopped, so there is nothing to pause");
        Assert.Equal("training", (await Read<RunBody>(await app.Http.PostAsync($"api/runs/{name}/resume", null))).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync($"api/runs/{name}")).StatusCode);
        Assert.False(Directory.Exists(Path.Combine(app.RunsDirectory, name)));
        await AssertRefused(await app.Http.GetAsync($"api/runs/{name}"), HttpStatusCode.NotFound, "There is no run");
        await AssertRefused(await app.Http.DeleteAsync($"api/runs/{name}"), HttpStatusCode.NotFound, "There is no run");
    }

    [Fact]
    public async Task Runs_BeyondTheLimit_WaitUntilAnotherEnds()
    {
        await using CoordinatorNode node = await CoordinatorNode.Start(settings => settings with { MaxRuns = 1 });
        async Task<RunBody> Ask(HttpMethod method, string path, string? json = null)
        {
            HttpResponseMessage answer = await node.Http.SendAsync(new HttpRequestMessage(method, path)
            {
                Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"),
            });
            return await Read<RunBody>(answer);
        }

        Assert.Equal("training", (await Ask(HttpMethod.Post, "api/runs", """{"name":"first","options":{"ways":2,"filters":1} }""")).Status);
        Assert.Equal("queued", (await Ask(HttpMethod.Post, "api/runs", """{"name":"second","options":{"ways":2,"filters":1},"policy":{"weight":2,"min_workers":1,"audit_fraction":0} }""")).Status);
        Assert.Equal("queued", (await Ask(HttpMethod.Get, "api/runs/second")).Status);
        await Ask(HttpMethod.Post, "api/runs/first/stop");
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        while ((await Ask(HttpMethod.Get, "api/runs/second")).Status != "training")
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    [Theory]
    [InlineData("""{"policy":{"weight":0,"min_workers":1,"audit_fraction":0} }""", "--weight is 0")]
    [InlineData("""{"policy":{"weight":1,"min_workers":0,"audit_fraction":0} }""", "--min-workers is 0")]
    [InlineData("""{"policy":{"weight":1,"min_workers":1,"audit_fraction":2} }""", "--audit is 2")]
    public async Task Runs_BadPolicy_Is400WithOneSentence(string body, string reason) => await AssertRefused(await Start(body), HttpStatusCode.BadRequest, reason);

    [Fact]
    public async Task Health_OfANodeThatIsUp_IsHealthy()
    {
        Assert.Equal("Healthy", await app.Http.GetStringAsync("healthz/live"));
        Assert.Equal("Healthy", await app.Http.GetStringAsync("healthz/ready"));
    }

    private static string NewName() => $"run-{Interlocked.Increment(ref _runs)}";

    private static async Task<T> Read<T>(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<T>(RunOptionsJson.Conventions))!;

    private static async Task AssertRefused(HttpResponseMessage response, HttpStatusCode status, string reason)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, response.StatusCode);
        string error = Assert.Single(JsonDocument.Parse(text).RootElement.EnumerateObject(), property => property.Name == "error").Value.GetString()!;
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> Start(string json) => app.Http.PostAsync("api/runs", new StringContent(json, Encoding.UTF8, "application/json"));

    private async Task<string> StartRun()
    {
        string name = NewName();
        (await Start($$"""{"name":"{{name}}","options":{"ways":2,"filters":1} }""")).EnsureSuccessStatusCode();
        return name;
    }

    private async Task<T> Get<T>(string path) => (await app.Http.GetFromJsonAsync<T>(path, RunOptionsJson.Conventions))!;
}
