using System.Net;
using System.Net.Http.Headers;
using MetaMap.Coordinator.Http;
using MetaMap.Core.Safetensors;
using MetaMap.Data.Glyphs;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary><c>/api/model</c> and <c>/api/runs/{id}/model</c>, over real HTTP.</summary>
public sealed class ModelDownloadTests(CoordinatorApp app) : HttpTestKit(app)
{
    [Fact]
    public async Task Model_Download_IsAWholeModelWithItsVersionAsETag()
    {
        string name = await StartRun();
        HttpResponseMessage response = await App.Http.GetAsync($"api/runs/{name}/model");
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
        byte[] current = await App.Http.GetByteArrayAsync("api/model");
        Assert.Equal(current, await App.Http.GetByteArrayAsync($"api/runs/{name}/model"));
    }

    [Fact]
    public async Task Model_IfNoneMatch_Is304()
    {
        string name = await StartRun();
        EntityTagHeaderValue tag = (await App.Http.GetAsync($"api/runs/{name}/model")).Headers.ETag!;
        using HttpRequestMessage request = new(HttpMethod.Get, $"api/runs/{name}/model");
        request.Headers.IfNoneMatch.Add(tag);
        HttpResponseMessage response = await App.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());

        using HttpRequestMessage other = new(HttpMethod.Get, $"api/runs/{name}/model");
        other.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"1-0000000000000000\""));
        Assert.Equal(HttpStatusCode.OK, (await App.Http.SendAsync(other)).StatusCode);
    }

    [Fact]
    public async Task Model_Head_IsWhatADownloadBeginsWith()
    {
        string name = await StartRun();
        HttpResponseMessage whole = await App.Http.GetAsync($"api/runs/{name}/model");
        using HttpRequestMessage request = new(HttpMethod.Head, $"api/runs/{name}/model");
        HttpResponseMessage response = await App.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(whole.Headers.ETag, response.Headers.ETag);
        Assert.Equal((await whole.Content.ReadAsByteArrayAsync()).Length, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Model_Range_IsPartOfTheFile()
    {
        string name = await StartRun();
        byte[] whole = await App.Http.GetByteArrayAsync($"api/runs/{name}/model");
        using HttpRequestMessage request = new(HttpMethod.Get, $"api/runs/{name}/model");
        request.Headers.Range = new RangeHeaderValue(8, 99);
        HttpResponseMessage response = await App.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(whole[8..100], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(whole.Length, response.Content.Headers.ContentRange!.Length);
    }

    [Fact]
    public async Task Model_Version_IsTheCurrentOrAStoredOneOr404()
    {
        string name = await StartRun();
        byte[] current = await App.Http.GetByteArrayAsync($"api/runs/{name}/model");
        Assert.Equal(current, await App.Http.GetByteArrayAsync($"api/runs/{name}/model?version=0"));
        await AssertRefused(await App.Http.GetAsync($"api/runs/{name}/model?version=7"), HttpStatusCode.NotFound, $"Version 7 of run {name} is not kept; the current version is 0, and those that are kept are 0.");
        await AssertRefused(await App.Http.GetAsync($"api/runs/{name}/model/info?version=7"), HttpStatusCode.NotFound, $"Version 7 of run {name} is not kept");
        await AssertRefused(await App.Http.GetAsync($"api/runs/{name}/model?version=-1"), HttpStatusCode.NotFound, "is not kept");
        await AssertRefused(await App.Http.GetAsync($"api/runs/{name}/model?version=new"), HttpStatusCode.BadRequest, "cannot be read");
        await AssertRefused(await App.Http.GetAsync($"api/runs/{name}/model?version=new"), HttpStatusCode.BadRequest, "version is 'new', but it must be a whole number.");
        string checkpoint = Path.Combine(App.RunsDirectory, name, "checkpoints", "00000009.safetensors");
        await File.WriteAllTextAsync(checkpoint, "damaged");
        await AssertRefused(await App.Http.GetAsync($"api/runs/{name}/model?version=9"), HttpStatusCode.NotFound, "is not kept");
    }

    /// <summary>Larger than what the connection holds, so that most of it is still to be sent when the store drops the version.</summary>
    [Fact]
    public async Task Model_VersionDroppedDuringItsDownload_IsSentToTheEnd()
    {
        string name = NewName();
        (await Start($$"""{"name":"{{name}}","options":{"ways":2,"model":"mlp","hidden":"4000,1000"} }""")).EnsureSuccessStatusCode();
        RunDirectory directory = new(Path.Combine(App.RunsDirectory, name));
        ModelFile model = ModelFile.FromSafetensors(SafetensorsReader.Read(await App.Http.GetByteArrayAsync($"api/runs/{name}/model"), "answer"), "answer");
        var training = new MetaTraining(name, model.Options, new GlyphDataset().Catalog);
        directory.Save(training.Begin() with { Iteration = 4 });
        Assert.Equal([0, 4], (await Get<ModelInfoBody>($"api/runs/{name}/model/info")).Versions!.Value.AsEnumerable());
        HttpResponseMessage[] downloads = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => App.Http.GetAsync($"api/runs/{name}/model?version=4", HttpCompletionOption.ResponseHeadersRead)));
        File.Delete(Assert.Single(Directory.GetFiles(directory.Path, "*.safetensors", SearchOption.AllDirectories), file => file.Contains("0004", StringComparison.Ordinal)));
        foreach (HttpResponseMessage download in downloads)
        {
            byte[] bytes = await download.Content.ReadAsByteArrayAsync();
            Assert.Equal(model with { Iteration = 4 }, ModelFile.FromSafetensors(SafetensorsReader.Read(bytes, "answer"), "answer"));
        }
    }

    [Fact]
    public async Task Model_VersionOfACheckpoint_IsDownloadedAndDescribed()
    {
        string name = await StartRun();
        byte[] current = await App.Http.GetByteArrayAsync($"api/runs/{name}/model");
        ModelFile model = ModelFile.FromSafetensors(SafetensorsReader.Read(current, "answer"), "answer");
        var training = new MetaTraining(name, model.Options, new GlyphDataset().Catalog);
        MetaState state = training.Begin() with { Iteration = 4 };
        new RunDirectory(Path.Combine(App.RunsDirectory, name)).Save(state);
        byte[] stored = await App.Http.GetByteArrayAsync($"api/runs/{name}/model?version=4");
        Assert.Equal(model with { Iteration = 4 }, ModelFile.FromSafetensors(SafetensorsReader.Read(stored, "answer"), "answer"));
        ModelInfoBody info = await Get<ModelInfoBody>($"api/runs/{name}/model/info?version=4");
        Assert.Equal((4, stored.Length, model.Parameters.Sha256), (info.Version, info.LengthBytes, info.ModelSha256));
    }
}
