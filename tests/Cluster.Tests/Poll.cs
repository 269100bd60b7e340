using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MetaMap.Testing;

namespace MetaMap.Cluster.Tests;

/// <summary>What a test waits for instead of a time: it looks again and again until it is so, and after minutes says what it saw.</summary>
internal static class Poll
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until it is so. That nobody listens, or answers in time, means not yet.</summary>
    /// <param name="isSo">Looks once.</param>
    /// <param name="problem">What to say when it never was.</param>
    public static async Task Until(Func<CancellationToken, Task<bool>> isSo, Func<string> problem)
    {
        using CancellationTokenSource timeout = new(TestTime.Limit);
        using PeriodicTimer timer = new(_interval);
        while (!timeout.IsCancellationRequested)
        {
            try
            {
                if (await isSo(timeout.Token))
                {
                    return;
                }
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
            {
                // Dead, paused, or not listening yet.
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        throw new Xunit.Sdk.XunitException($"Waited {TestTime.Limit.TotalMinutes} minutes in vain: {problem()}");
    }

    /// <summary>Waits until a coordinator's answer fits, and returns it.</summary>
    /// <param name="http">Asks.</param>
    /// <param name="url">What is asked for.</param>
    /// <param name="fits">Judges an answer.</param>
    /// <param name="log">What the nodes have said.</param>
    public static async Task<JsonElement> Json(HttpClient http, string url, Func<JsonElement, bool> fits, Func<string> log)
    {
        JsonElement last = default;
        await Until(
            async cancellation => fits(last = await http.GetFromJsonAsync<JsonElement>(url, cancellation)),
            () => $"{url} never fitted; the last answer: {last}\n{log()}");
        return last;
    }

    /// <summary>Waits until a coordinator is ready, as whoever sends it an order must, or until it is not.</summary>
    /// <param name="http">Asks.</param>
    /// <param name="url">Of the coordinator.</param>
    /// <param name="log">What the nodes have said.</param>
    /// <param name="wanted">False: not ready (503).</param>
    public static Task Ready(HttpClient http, string url, Func<string> log, bool wanted = true) => Until(
        async cancellation =>
        {
            using HttpResponseMessage answer = await http.GetAsync($"{url}/healthz/ready", cancellation);
            return answer.StatusCode == (wanted ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
        },
        () => $"{url} never turned {(wanted ? "ready" : "unready")}\n{log()}");
}
