using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary>Refusals that no route makes itself, and HEAD.</summary>
public sealed class ProblemsTests(CoordinatorApp app) : HttpTestKit(app)
{
    [Fact]
    public async Task Model_RangeBehindTheEnd_Is416WithTheLength()
    {
        string path = $"api/runs/{await StartRun()}/model";
        int length = (await App.Http.GetByteArrayAsync(path)).Length;
        HttpResponseMessage response = await Ask(HttpMethod.Get, path, headers => headers.Range = new RangeHeaderValue(length, null));
        await AssertRefused(response, HttpStatusCode.RequestedRangeNotSatisfiable, $"has {length} bytes, and the range bytes={length}- is not among them");
        Assert.Equal(length, response.Content.Headers.ContentRange!.Length);
        Assert.Null(response.Content.Headers.ContentDisposition);
    }

    [Fact]
    public async Task Model_IfMatchOfAnotherVersion_Is412()
    {
        string path = $"api/runs/{await StartRun()}/model";
        HttpResponseMessage response = await Ask(HttpMethod.Get, path, headers => headers.IfMatch.Add(new EntityTagHeaderValue("\"7-0\"")));
        await AssertRefused(response, HttpStatusCode.PreconditionFailed, $"is at version {response.Headers.ETag}, not at the one that the request is for");
    }

    /// <summary>Who asks for another type than JSON is told as well.</summary>
    [Theory]
    [InlineData("GET", "api/runs/nobody/model", HttpStatusCode.NotFound, "There is no such run")]
    [InlineData("GET", "api/no where", HttpStatusCode.NotFound, "There is nothing at")]
    [InlineData("GET", "api/no%1B%0Awhere", HttpStatusCode.NotFound, "There is nothing at /api/no%1B%0Awhere.")]
    [InlineData("GET", "api/runs/no%1Bbody", HttpStatusCode.NotFound, @"There is no run 'no\u001bbody'")]
    [InlineData("BREW", "api/runs", HttpStatusCode.MethodNotAllowed, "/api/runs does not understand BREW.")]
    [InlineData("GET", "api/runs/nobody/model?version=1.5", HttpStatusCode.BadRequest, "must be a whole number")]
    [InlineData("GET", "api/runs?limit=3", HttpStatusCode.BadRequest, "GET /api/runs does not read 'limit' in the query: leave it out.")]
    [InlineData("GET", "api/runs/nobody/metrics?From=1&since=3", HttpStatusCode.BadRequest, "does not read 'since' in the query: what it reads there is from and limit.")]
    [InlineData("GET", "api/runs/nobody/events?last_event=3", HttpStatusCode.BadRequest, "does not read 'last_event' in the query: what it reads there is from.")]
    [InlineData("GET", "api/runs/nobody/model?id=a", HttpStatusCode.BadRequest, "does not read 'id' in the query")]
    [InlineData("DELETE", "api/runs/nobody?force=true", HttpStatusCode.BadRequest, "does not read 'force' in the query")]
    public async Task Request_AcceptOfAnotherType_IsAProblemAllTheSame(string method, string path, HttpStatusCode status, string reason) => await AssertRefused(
        await Ask(new HttpMethod(method), path, headers => headers.Accept.ParseAdd("application/octet-stream")), status, reason);

    /// <summary>A page that somebody has open in a browser must not order their cluster about; it may look, where browsers let it.</summary>
    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    public async Task Order_FromAPageOfAnotherSite_Is403(string site)
    {
        string run = await StartRun();
        await AssertRefused(await Ask(HttpMethod.Post, $"api/runs/{run}/stop", headers => headers.Add("Sec-Fetch-Site", site)), HttpStatusCode.Forbidden, "from a page of another site");
        Assert.Equal(HttpStatusCode.OK, (await Ask(HttpMethod.Get, $"api/runs/{run}", headers => headers.Add("Sec-Fetch-Site", site))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Ask(HttpMethod.Post, $"api/runs/{run}/stop", headers => headers.Add("Sec-Fetch-Site", "same-origin"))).StatusCode);
    }

    [Fact]
    public async Task Post_BodyThatIsLargerThanTheLimit_Is413() => await AssertRefused(
        await App.Http.PostAsync("api/runs", new StringContent(new string(' ', (1 << 20) + 1), Encoding.UTF8, "application/json")),
        HttpStatusCode.RequestEntityTooLarge, "this coordinator takes 1048576 bytes at most");

    [Theory]
    [InlineData("api/runs")]
    [InlineData("api/runs/{0}")]
    [InlineData("api/model")]
    [InlineData("api/model/info")]
    [InlineData("api/runs/{0}/model")]
    [InlineData("api/runs/{0}/model/info")]
    [InlineData("api/workers")]
    [InlineData("metrics")]
    [InlineData("healthz/ready")]
    [InlineData("api/runs/nobody")]
    public async Task Head_WhereGetIs_IsTheSameWithoutABody(string path)
    {
        path = path.Replace("{0}", await StartRun(), StringComparison.Ordinal);
        HttpResponseMessage got = await Ask(HttpMethod.Get, path);
        HttpResponseMessage head = await Ask(HttpMethod.Head, path);
        Assert.Equal((got.StatusCode, got.Content.Headers.ContentType, got.Headers.ETag), (head.StatusCode, head.Content.Headers.ContentType, head.Headers.ETag));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    private Task<HttpResponseMessage> Ask(HttpMethod method, string path, Action<HttpRequestHeaders>? adjust = null)
    {
        HttpRequestMessage request = new(method, path);
        adjust?.Invoke(request.Headers);
        return App.Http.SendAsync(request);
    }
}
