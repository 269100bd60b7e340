using System.Net;
using System.Net.Sockets;
using System.Text;
using MetaMap.Coordinator.Http;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary>Tokens and limits of a real coordinator, over real connections.</summary>
public sealed class AccessTests(GuardedCoordinatorApp app) : IClassFixture<GuardedCoordinatorApp>
{
    public static TheoryData<string, string> Requests => new()
    {
        { "GET", "api/runs" },
        { "GET", "api/runs/nobody" },
        { "GET", "api/runs/nobody/model" },
        { "GET", "api/model" },
        { "GET", "api/model/info" },
        { "GET", "api/workers" },
        { "HEAD", "api/runs" },
        { "GET", "api/nothing" },
        { "POST", "" },
        { "GET", "api/parts" },
        { "GET", "nothing.js" },
        { "POST", "api/runs" },
        { "POST", "api/runs/nobody/stop" },
        { "POST", "api/runs/nobody/evaluate" },
        { "DELETE", "api/runs/nobody" },
        { "PUT", "api/model" },
        { "POST", "healthz/nothing" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_NoToken_Is401WithASentenceAndAChallenge(string method, string path)
    {
        HttpResponseMessage response = await Send(method, path, null);
        await AssertRefused(response, HttpStatusCode.Unauthorized, "This coordinator wants a token", hasBody: method != "HEAD");
        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    [Theory]
    [InlineData("Bearer read-token-0123456788")]
    [InlineData("Bearer read-token-012345678")]
    [InlineData("Bearer ")]
    [InlineData("Bearer read-token-0123456789 write-token-0123456789")]
    [InlineData("Basic cmVhZC10b2tlbi0wMTIzNDU2Nzg5")]
    [InlineData("read-token-0123456789")]
    public async Task Request_WrongToken_Is401AndTheAnswerDoesNotRepeatIt(string authorization)
    {
        HttpResponseMessage response = await Send("GET", "api/runs", authorization);
        await AssertRefused(response, HttpStatusCode.Unauthorized, "The token is not one of this coordinator's tokens");
        Assert.DoesNotContain("0123456", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    [Theory]
    [InlineData("GET", "api/runs", HttpStatusCode.OK)]
    [InlineData("GET", "api/workers", HttpStatusCode.OK)]
    [InlineData("GET", "api/runs/nobody", HttpStatusCode.NotFound)]
    [InlineData("GET", "api/nothing", HttpStatusCode.NotFound)]
    [InlineData("POST", "api/runs", HttpStatusCode.Forbidden)]
    [InlineData("POST", "api/runs/nobody/stop", HttpStatusCode.Forbidden)]
    [InlineData("POST", "api/runs/nobody/evaluate", HttpStatusCode.Forbidden)]
    [InlineData("DELETE", "api/runs/nobody", HttpStatusCode.Forbidden)]
    public async Task Request_ReadToken_MayLookAndNothingElse(string method, string path, HttpStatusCode expected)
    {
        HttpResponseMessage response = await Send(method, path, $"Bearer {GuardedCoordinatorApp.ReadToken}");
        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Forbidden)
        {
            await AssertRefused(response, expected, $"The token may only read, but {method} /{path} needs one with the scope 'write'.");
        }
    }

    [Fact]
    public async Task Request_WriteToken_MayDoBoth()
    {
        string authorization = $"bearer {GuardedCoordinatorApp.WriteToken}";
        Assert.Equal(HttpStatusCode.OK, (await Send("GET", "api/runs", authorization)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await Send("POST", "api/runs", authorization, """{"name":"mine","options":{"ways":2,"filters":1}}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Send("POST", "api/runs/mine/stop", authorization)).StatusCode);
    }

    [Theory]
    [InlineData("healthz/live")]
    [InlineData("healthz/ready")]
    public async Task Health_NoToken_IsOpen(string path) => Assert.Equal("Healthy", await app.Http.GetStringAsync(path));

    [Fact]
    public async Task Post_BodyAboveTheLimit_Is413()
    {
        string body = $$"""{"name":"{{new string('x', 5000)}}"}""";
        await AssertRefused(
            await Send("POST", "api/runs", $"Bearer {GuardedCoordinatorApp.WriteToken}", body), HttpStatusCode.RequestEntityTooLarge, "The body is too large: this coordinator takes 4096 bytes at most");
    }

    [Fact]
    public async Task Evaluate_MoreThanTheBurst_Is429WithTheTimeToWait()
    {
        for (int i = 0; i < RequestLimits.AdaptationBurst; i++)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await Evaluate()).StatusCode);
        }

        HttpResponseMessage response = await Evaluate();
        await AssertRefused(response, HttpStatusCode.TooManyRequests, "Too many requests that make workers adapt; try again in ");
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.OK, (await Send("GET", "api/runs", $"Bearer {GuardedCoordinatorApp.WriteToken}")).StatusCode);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Post_SlowBody_Is408AndTheServerLivesOn()
    {
        string answer = await Speak(
            $"POST /api/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {GuardedCoordinatorApp.WriteToken}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{");
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Equal("Healthy", await app.Http.GetStringAsync("healthz/ready"));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Connect_HeadersThatDoNotEnd_IsClosed()
    {
        string answer = await Speak("GET /api/runs HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer);
        Assert.Equal("Healthy", await app.Http.GetStringAsync("healthz/ready"));
    }

    [Fact]
    public async Task Get_PathTraversal_StaysOutside()
    {
        foreach (string path in new[] { "/../../etc/passwd", "/api/runs/..%2f..%2fetc%2fpasswd/model", "/api/runs/%2e%2e/%2e%2e/etc/passwd", "/%5c..%5cetc" })
        {
            string answer = await Speak($"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {GuardedCoordinatorApp.ReadToken}\r\nConnection: close\r\n\r\n");
            Assert.Matches("^HTTP/1.1 40[04] ", answer);
            Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        }
    }

    private Task<HttpResponseMessage> Evaluate() =>
        Send("POST", "api/runs/nobody/evaluate", $"Bearer {GuardedCoordinatorApp.WriteToken}", """{"episodes":10}""");

    private async Task<HttpResponseMessage> Send(string method, string path, string? authorization, string? body = null)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return await app.Http.SendAsync(request);
    }

    /// <summary>What the server says to these bytes until it closes the connection.</summary>
    private async Task<string> Speak(string text)
    {
        using TcpClient client = new();
        await client.ConnectAsync(app.Http.BaseAddress!.Host, app.Http.BaseAddress.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        using StreamReader reader = new(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(patience.Token);
    }

    private static async Task AssertRefused(HttpResponseMessage response, HttpStatusCode status, string reason, bool hasBody = true)
    {
        if (hasBody)
        {
            await HttpTestKit.AssertRefused(response, status, reason);
        }

        Assert.Equal(status, response.StatusCode);
    }
}
