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

    private protected static async Task AssertRefused(HttpResponseMessage response, HttpStatusCode status, string reason)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, response.StatusCode);
        string error = Assert.Single(JsonDocument.Parse(text).RootElement.EnumerateObject(), property => property.Name == "error").Value.GetString()!;
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error, StringComparison.Ordinal);
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
