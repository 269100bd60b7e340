using System.Net;
using System.Text;
using MetaMap.Coordinator.Http;
using MetaMap.Testing;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary><c>/api/runs/{id}/adapt</c> and <c>/api/sessions</c> of a coordinator without workers, over real HTTP: what is refused before anybody computes.</summary>
public sealed class SessionEndpointsTests(CoordinatorApp app) : HttpTestKit(app)
{
    private static readonly string _image = Convert.ToBase64String(PngFile.Of(20, 20, 1, (row, column, _) => row == column ? 0 : 255));

    [Fact]
    public async Task Adapt_RunThatHasCommittedNothing_IsRefusedUntilItHas()
    {
        string run = await StartRun();
        await AssertRefused(await Adapt(run, Two()), HttpStatusCode.Conflict, $"Run {run} has not committed an iteration yet");
        await AssertRefused(await Adapt("nobody", Two()), HttpStatusCode.NotFound, "There is no run 'nobody'");
    }

    [Fact]
    public async Task Adapt_WithoutAWorker_IsRefusedAndLeavesNothing()
    {
        await AssertRefused(await Adapt(await Finished(), Two()), HttpStatusCode.ServiceUnavailable, "There is no worker that could adapt a model");
        Assert.False(Directory.Exists(Path.Combine(App.RunsDirectory, ".sessions")));
    }

    [Theory]
    [InlineData("", "it has no body")]
    [InlineData("null", "it is null")]
    [InlineData("{}", "support")]
    [InlineData("""{"support":[]}""", "support is empty")]
    [InlineData("""{"support":[{"label":"a"}]}""", "support[0] must have one of image, text and row")]
    [InlineData("""{"support":[{"label":"a","image":"IMAGE","text":"b"}]}""", "support[0] must have one of image, text and row")]
    [InlineData("""{"support":[{"label":"a","image":"%%"}]}""", "support[0].image is no base64")]
    [InlineData("""{"support":[{"label":"a","image":"IMAGE"},{"label":"a","image":"no_base64"}]}""", "support[1].image is no base64")]
    [InlineData("""{"support":[{"label":"a\u001b[2Jb","image":"IMAGE"},{"label":"b","image":"IMAGE"}]}""", @"support[0] of The support set has the label 'a\u001b[2Jb' with control characters")]
    [InlineData("""{"support":[{"label":"LONG","image":"IMAGE"},{"label":"b","image":"IMAGE"}]}""", "support[0] of The support set has a label of 201 characters, expected 200 at most")]
    [InlineData("""{"support":[{"label":"a","image":""}]}""", "support[0] is empty")]
    [InlineData("""{"support":[{"label":"a","image":"aGVsbG8="}]}""", "support[0]")]
    [InlineData("""{"support":[{"label":"a","text":"hello"}]}""", "support[0] is no image")]
    [InlineData("""{"support":[{"label":"","image":"IMAGE"}]}""", "support[0] of The support set has no label")]
    [InlineData("""{"support":[{"image":"IMAGE"}]}""", "support[0] of The support set has no label")]
    [InlineData("""{"support":[{"label":"a","image":"IMAGE"},null]}""", "support[1] must have one of image, text and row")]
    [InlineData("""{"support":[{"label":"a","image":"IMAGE"}]}""", "has the one label a")]
    [InlineData("""{"support":[{"label":"a","image":"IMAGE","colour":1}]}""", "colour")]
    [InlineData("""{"support":[{"label":"a","image":"IMAGE"},{"label":"b","image":"IMAGE"}],"steps":-1}""", "steps is -1")]
    [InlineData("""{"support":[{"label":"a","image":"IMAGE"},{"label":"b","image":"IMAGE"}],"steps":10001}""", "steps is 10001")]
    public async Task Adapt_BodyThatCannotBe_IsRefusedInASentence(string body, string reason) =>
        await AssertRefused(await Adapt(await Finished(), body.Replace("IMAGE", _image, StringComparison.Ordinal).Replace("LONG", new string('x', 201), StringComparison.Ordinal)), HttpStatusCode.BadRequest, reason);

    [Fact]
    public async Task Adapt_VersionThatIsNotKept_IsMissing() =>
        await AssertRefused(await Adapt(await Finished(), Two("""
            ,"version":7
            """)), HttpStatusCode.NotFound, "is not kept; the current version is 0, and those that are kept are 0.");

    [Theory]
    [InlineData("version=0", "does not read 'version' in the query: it belongs in the body.")]
    [InlineData("Steps=3", "does not read 'Steps' in the query: it belongs in the body.")]
    [InlineData("colour=3", "does not read 'colour' in the query: leave it out.")]
    public async Task Adapt_ParameterInTheQuery_IsRefused(string query, string reason) => await AssertRefused(
        await App.Http.PostAsync($"api/runs/{await Finished()}/adapt?{query}", new StringContent(Two(), Encoding.UTF8, "application/json")), HttpStatusCode.BadRequest, reason);

    [Fact]
    public async Task Adapt_OtherKindOfBody_IsRefused()
    {
        using StringContent text = new(Two(), Encoding.UTF8, "text/plain");
        await AssertRefused(await App.Http.PostAsync($"api/runs/{await Finished()}/adapt", text), HttpStatusCode.UnsupportedMediaType, "content type");
    }

    [Fact]
    public async Task Adapt_FormThatCannotBe_IsRefusedInASentence()
    {
        string run = await Finished();
        using MultipartFormDataContent empty = new() { { new StringContent("1"), "steps" } };
        await AssertRefused(await App.Http.PostAsync($"api/runs/{run}/adapt", empty), HttpStatusCode.BadRequest, "the form has no files");
        using MultipartFormDataContent unknown = new() { { new StringContent("1"), "colour" } };
        await AssertRefused(await App.Http.PostAsync($"api/runs/{run}/adapt", unknown), HttpStatusCode.BadRequest, "the field 'colour' is no file");
        using MultipartFormDataContent steps = new() { { new StringContent("many"), "steps" }, { new ByteArrayContent(Convert.FromBase64String(_image)), "a", "a.png" } };
        await AssertRefused(await App.Http.PostAsync($"api/runs/{run}/adapt", steps), HttpStatusCode.BadRequest, "steps is 'many'");
        using StringContent cut = new("--x\r\n", Encoding.UTF8);
        cut.Headers.ContentType = new("multipart/form-data") { Parameters = { new("boundary", "x") } };
        await AssertRefused(await App.Http.PostAsync($"api/runs/{run}/adapt", cut), HttpStatusCode.BadRequest, "the form cannot be read");
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/model")]
    [InlineData("HEAD", "/model")]
    [InlineData("DELETE", "")]
    [InlineData("POST", "/predict")]
    public async Task Sessions_UnknownName_IsMissing(string method, string path)
    {
        foreach (string name in (string[])["nobody", new string('a', 32), "..%2F..%2Fetc"])
        {
            using HttpRequestMessage request = new(new HttpMethod(method), $"api/sessions/{name}{path}");
            request.Content = method == "POST" ? new StringContent($$"""{"images":["{{_image}}"]}""", Encoding.UTF8, "application/json") : null;
            using HttpResponseMessage answer = await App.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("{}", "the body has 0 of images, texts and rows")]
    [InlineData("""{"images":[],"texts":[]}""", "the body has 2 of images, texts and rows")]
    [InlineData("""{"images":[]}""", "There are 0 examples to predict")]
    [InlineData("""{"images":[null]}""", "images[0] is empty")]
    [InlineData("""{"images":["IMAGE","no_base64"]}""", "images[1] is no base64")]
    [InlineData("""{"rows":[{"a\u001bb":[1]}]}""", @"rows[0] has 'a\u001bb' that is neither")]
    [InlineData("""{"rows":[null]}""", "rows[0] is null")]
    [InlineData("""{"rows":[{"a":[1]}]}""", "rows[0] has 'a' that is neither a number nor a text")]
    public async Task Predict_BodyThatCannotBe_IsRefusedInASentence(string body, string reason)
    {
        using StringContent content = new(body.Replace("IMAGE", _image, StringComparison.Ordinal), Encoding.UTF8, "application/json");
        await AssertRefused(await App.Http.PostAsync($"api/sessions/{new string('a', 32)}/predict", content), HttpStatusCode.BadRequest, reason);
    }

    private static string Two(string more = "") => $$"""{"support":[{"label":"a","image":"{{_image}}"},{"label":"b","image":"{{_image}}"}]{{more.Trim()}} }""";

    private async Task<string> Finished()
    {
        string name = NewName();
        (await Start($$"""{"name":"{{name}}","options":{"ways":2,"filters":1,"iterations":0} }""")).EnsureSuccessStatusCode();
        using CancellationTokenSource patience = new(TestTime.Limit);
        while ((await Get<RunBody>($"api/runs/{name}")).Status != "finished")
        {
            await Task.Delay(20, patience.Token);
        }

        return name;
    }

    private Task<HttpResponseMessage> Adapt(string run, string body) => App.Http.PostAsync($"api/runs/{run}/adapt", new StringContent(body, Encoding.UTF8, "application/json"));
}
