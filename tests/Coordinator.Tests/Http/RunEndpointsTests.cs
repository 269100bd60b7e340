using System.Net;
using System.Text;
using MetaMap.Coordinator.Http;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary><c>/api/runs</c>, over real HTTP.</summary>
public sealed class RunEndpointsTests(CoordinatorApp app) : HttpTestKit(app)
{
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

        RunBody stopped = await Read<RunBody>(await App.Http.PostAsync($"api/runs/{name}/stop", null));
        Assert.Equal("stopped", stopped.Status);
        Assert.True(File.Exists(Path.Combine(App.RunsDirectory, name, "model.safetensors")));
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

    /// <summary>More than the usual megabyte, in base64.</summary>
    [Fact]
    public async Task Runs_StartedWithParameters_BeginThere()
    {
        string name = NewName();
        RunOptions options = OptionValues.Of(("dataset", "glyphs"), ("ways", 3), ("model", "mlp"), ("hidden", "400"), ("seed", 7)).Resolve();
        IEpisodeDataset glyphs = options.OpenDataset(null);
        MetaTraining training = new("there", options, glyphs.Catalog);
        byte[] file = ModelFile.Of("there", options, training.Shape, training.Data, training.Begin(glyphs), isFinal: false).ToSafetensors();
        RunBody run = await Read<RunBody>(await App.Http.PostAsync("api/runs/init", new StringContent($$"""{"name":"{{name}}","init":"{{Convert.ToBase64String(file)}}","options":{"ways":3,"model":"mlp","hidden":"400","seed":7,"meta_lr":0.5} }""", Encoding.UTF8, "application/json")));
        Assert.Equal((training.Begin(glyphs).Parameters.Sha256, "training"), (run.Options.InitSha256, run.Status));
        Assert.Equal(run.Options.InitSha256, run.ModelSha256);
        Assert.StartsWith("the run starts from parameters ", run.Start, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AAAA", "", "The file to start from is")]
    [InlineData("", "\"init_sha256\":\"ab\"", "start it anew with --init")]
    public async Task Runs_StartedWithoutUsableParameters_AreRefused(string init, string options, string reason) => await AssertRefused(
        await Start($$"""{"name":"{{NewName()}}"{{(init.Length > 0 ? $",\"init\":\"{init}\"" : "")}},"options":{ {{options}} } }"""), HttpStatusCode.BadRequest, reason);

    [Fact]
    public async Task Runs_NameThatIsTaken_IsAConflict()
    {
        string name = await StartRun();
        await AssertRefused(await Start($$"""{"name":"{{name}}"}"""), HttpStatusCode.Conflict, $"There is a run {name} already");
    }

    [Fact]
    public async Task Runs_NameOfAStoredRun_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(App.RunsDirectory, "stored"));
        await File.WriteAllTextAsync(Path.Combine(App.RunsDirectory, "stored", "config.json"), "{}");
        await AssertRefused(await Start("""{"name":"stored"}"""), HttpStatusCode.BadRequest, "already holds a run");
    }

    [Theory]
    [InlineData("""{"options":{"ways":1} }""", "--ways is 1, but it must be 2 or more.")]
    [InlineData("""{"options":{"ways":900} }""", "900 ways need at least 900")]
    [InlineData("""{"options":{"filters":2000000} }""", "more parameters than a vector can hold")]
    [InlineData("""{"options":{"dataset":"omniglot"}}""", "pass --data with")]
    [InlineData("""{"data":"t.csv","options":{"dataset":"csv"}}""", "this node was started without --data")]
    [InlineData("""{"data":"t.csv","options":{"dataset":"glyphs"}}""", "reads no files, so --data t.csv would do nothing")]
    [InlineData("""{"options":{"dataset":"cifar"}}""", "There is no dataset 'cifar'")]
    [InlineData("""{"options":{"split":"mine"}}""", "there is no split mine")]
    [InlineData("""{"options":{"speed":1} }""", "The request body has the unknown key 'options.speed'")]
    [InlineData("""{"speed":1}""", "The request body has the unknown key 'speed'")]
    [InlineData("""{"options":{"ways":"five"}}""", "not valid JSON for run options at 'options.ways'")]
    [InlineData("""{"options":{"ways":2,"ways":3} }""", "The request body is not valid JSON for run options at 'options'")]
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

    [Theory]
    [InlineData("""{"episodes":"3"}""", "at 'episodes'; its keys are 'episodes', 'inner_steps' and 'part'.")]
    [InlineData("""{"Episodes":3}""", "has the unknown key 'Episodes'; its keys are 'episodes', 'inner_steps' and 'part'.")]
    [InlineData("""{"episodes":3,"episodes":4}""", "The request body is not valid JSON")]
    [InlineData("", "it has no body; send a JSON object, its keys are 'episodes', 'inner_steps' and 'part'.")]
    public async Task Evaluate_BadBody_NamesItsOwnKeys(string body, string reason) => await AssertRefused(
        await App.Http.PostAsync("api/runs/nobody/evaluate", new StringContent(body, Encoding.UTF8, "application/json")), HttpStatusCode.BadRequest, reason);

    [Fact]
    public async Task Evaluate_InnerStepsOfAnAlgorithmWithoutThem_IsRefused()
    {
        string name = NewName();
        Assert.Equal(HttpStatusCode.Created, (await Start($$"""{"name":"{{name}}","options":{"algorithm":"protonet","filters":1} }""")).StatusCode);
        await AssertRefused(
            await App.Http.PostAsync($"api/runs/{name}/evaluate", new StringContent("""{"inner_steps":3}""", Encoding.UTF8, "application/json")), HttpStatusCode.BadRequest,
            "protonet has no inner steps; leave inner_steps out.");
    }

    [Fact]
    public async Task Runs_BodyThatIsNotJson_IsRefused() => await AssertRefused(
        await App.Http.PostAsync("api/runs", new StringContent("ways=5", Encoding.UTF8, "text/plain")), HttpStatusCode.UnsupportedMediaType, "needs a body with the content type application/json");

    [Theory]
    [InlineData(null)]
    [InlineData("application/json; charset=nope")]
    public async Task Runs_BodyOfNoKnownType_IsRefused(string? type)
    {
        ByteArrayContent body = new("{}"u8.ToArray());
        _ = type is not null && body.Headers.TryAddWithoutValidation("Content-Type", type);
        await AssertRefused(await App.Http.PostAsync("api/runs", body), HttpStatusCode.UnsupportedMediaType, "needs a body with the content type application/json");
    }

    [Fact]
    public async Task Stop_UnknownRun_Is404() =>
        await AssertRefused(await App.Http.PostAsync("api/runs/nobody/stop", null), HttpStatusCode.NotFound, "There is no run 'nobody'");

    [Fact]
    public async Task Runs_WrongMethod_IsRefusedWithOneSentence() =>
        await AssertRefused(await App.Http.DeleteAsync("api/runs"), HttpStatusCode.MethodNotAllowed, "/api/runs does not understand DELETE.");

    [Fact]
    public async Task Runs_PausedResumedDeleted_AreShownAsTheyAre()
    {
        string name = await StartRun();
        Assert.Equal("paused", (await Read<RunBody>(await App.Http.PostAsync($"api/runs/{name}/pause", null))).Status);
        Assert.Equal("paused", (await Get<RunBody>($"api/runs/{name}")).Status);
        Assert.Equal("paused", (await Read<RunBody>(await App.Http.PostAsync($"api/runs/{name}/pause", null))).Status);
        Assert.Equal(0, (await Get<ModelInfoBody>($"api/runs/{name}/model/info")).Version);
        RunBody resumed = await Read<RunBody>(await App.Http.PostAsync($"api/runs/{name}/resume", null));
        Assert.Equal(("training", 2L), (resumed.Status, resumed.Epoch));
        Assert.Equal("stopped", (await Read<RunBody>(await App.Http.PostAsync($"api/runs/{name}/stop", null))).Status);
        await AssertRefused(await App.Http.PostAsync($"api/runs/{name}/pause", null), HttpStatusCode.Conflict, "is stopped, so there is nothing to pause");
        Assert.Equal("training", (await Read<RunBody>(await App.Http.PostAsync($"api/runs/{name}/resume", null))).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await App.Http.DeleteAsync($"api/runs/{name}")).StatusCode);
        Assert.False(Directory.Exists(Path.Combine(App.RunsDirectory, name)));
        await AssertRefused(await App.Http.GetAsync($"api/runs/{name}"), HttpStatusCode.NotFound, "There is no run");
        await AssertRefused(await App.Http.DeleteAsync($"api/runs/{name}"), HttpStatusCode.NotFound, "There is no run");
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
        Assert.Equal("queued", (await Ask(HttpMethod.Post, "api/runs", """{"name":"second","options":{"ways":2,"filters":1},"policy":{"weight":2} }""")).Status);
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
}
