using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using MetaMap.Training.Configuration;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary>A coordinator with HTTP, and how tests ask it.</summary>
public abstract class HttpTestKit(CoordinatorApp app) : IClassFixture<CoordinatorApp>
{
    private static int _runs;

    private protected CoordinatorApp App { get; } = app;

    private protected static string NewName() => $"run-{Interlocked.Increment(ref _runs)}";

    private protected static async Task<T> Read<T>(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<T>(RunOptionsJson.Conventions))!;

    internal static async Task AssertRefused(HttpResponseMessage response, HttpStatusCode status, string reason)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(["detail", "instance", "status", "title", "type"], problem.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Equal(response.RequestMessage!.RequestUri!.AbsolutePath, problem.GetProperty("instance").GetString());
        Assert.All(["title", "type"], member => Assert.NotEmpty(problem.GetProperty(member).GetString()!));
        string sentence = problem.GetProperty("detail").GetString()!;
        Assert.Contains(reason, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    private protected Task<HttpResponseMessage> Start(string json) => App.Http.PostAsync("api/runs", new StringContent(json, Encoding.UTF8, "application/json"));

    private protected async Task<string> StartRun()
    {
        string name = NewName();
        (await Start($$"""{"name":"{{name}}","options":{"ways":2,"filters":1} }""")).EnsureSuccessStatusCode();
        return name;
    }

    private protected async Task<T> Get<T>(string path) => (await App.Http.GetFromJsonAsync<T>(path, RunOptionsJson.Conventions))!;
}
