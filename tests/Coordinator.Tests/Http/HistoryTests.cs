using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Coordinator.Tests.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary><c>/api/runs/{id}/metrics</c> and <c>/events</c>, over real HTTP, of runs that nobody trains: the tests commit.</summary>
public sealed class HistoryTests(CoordinatorApp app) : HttpTestKit(app)
{
    [Fact]
    public async Task History_OfARun_IsWhatIsCommitted()
    {
        string name = await StartRun();
        Commit(name, 5, published: 4);
        HistoryBody history = await Get<HistoryBody>($"api/runs/{name}/metrics");
        Assert.Equal((name, 4, null), (history.RunId, history.Iteration, history.Next));
        Assert.Equal(["1", "2", "2-validation", "3", "4", "4-validation"], history.Measures.Select(measure => measure.Place.ToString()));
        Assert.Equal(new MeasureBody(3, 0.3, 0.5, 1.25, 4, 1), history.Measures[3]);
        Assert.Equal(new MeasureBody(4, ValidationLoss: 9, ValidationAccuracy: 0.75, ValidationEpisodes: 8, BestIteration: 2), history.Measures[5]);
        Assert.Contains("\"query_accuracy\":0.5", await App.Http.GetStringAsync($"api/runs/{name}/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_InPages_HasEachMeasureOnce()
    {
        string name = await StartRun();
        Commit(name, 6);
        foreach (int limit in new[] { 1, 2, 3, 4, 100 })
        {
            List<string> seen = [];
            for (int? from = 0; from is not null;)
            {
                HistoryBody page = await Get<HistoryBody>($"api/runs/{name}/metrics?from={from}&limit={limit}");
                seen.AddRange(page.Measures.Select(measure => measure.Place.ToString()));
                from = page.Next;
            }

            Assert.Equal(["1", "2", "2-validation", "3", "4", "4-validation", "5", "6", "6-validation"], seen);
        }
    }

    [Theory]
    [InlineData("metrics?from=-1", "from is -1 and limit 10000, but from must be 0 or more")]
    [InlineData("metrics?limit=0", "limit 0, but")]
    [InlineData("metrics?from=x", "from is 'x', but it must be a whole number")]
    [InlineData("events?from=-1", "from is -1, but it must be 0 or more.")]
    public async Task Get_BadPlace_Is400(string path, string reason) =>
        await AssertRefused(await App.Http.GetAsync($"api/runs/{await StartRun()}/{path}"), HttpStatusCode.BadRequest, reason);

    [Theory]
    [InlineData("metrics")]
    [InlineData("events")]
    public async Task Get_UnknownRun_Is404(string path) =>
        await AssertRefused(await App.Http.GetAsync($"api/runs/nobody/{path}"), HttpStatusCode.NotFound, "There is no run 'nobody'");

    [Fact]
    public async Task Events_OfARun_FollowItToItsEndAndThenNoMore()
    {
        string name = await StartRun();
        Commit(name, 2);
        WorkerBoard workers = App.Services.GetRequiredService<WorkerBoard>();
        workers.Publish(new WorkerSnapshot(new WorkerId("w"), "akka.tcp://x", "0.1.0", 3, "cpu", "direct", 0, 0));
        await using EventReader events = await EventReader.Open(App.Http, $"api/runs/{name}/events?from=2");
        Assert.Equal(("iteration", "2"), await events.Next());
        Assert.Equal(0.2, events.Data.GetProperty("query_loss").GetDouble());
        Assert.Equal(("validation", "2-validation"), await events.Next());
        Assert.Equal("status", (await events.Next()).Type);
        Assert.Equal(("training", 2, 1, 3), (events.Data.GetProperty("status").GetString(), events.Data.GetProperty("iteration").GetInt32(), events.Data.GetProperty("workers").GetInt32(), events.Data.GetProperty("lanes").GetInt32()));
        workers.Remove(new WorkerId("w"));
        Assert.Equal("status", (await events.Next()).Type);
        Commit(name, 3);
        Assert.Equal(("iteration", "3"), await events.Next());
        Assert.Equal("status", (await events.Next()).Type);
        (await App.Http.PostAsync($"api/runs/{name}/stop", null)).EnsureSuccessStatusCode();
        while (await events.Next() is { Type: { } type })
        {
            Assert.Equal("status", type);
        }

        Assert.Equal("stopped", events.Data.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Events_AfterTheLastOne_GoOnThere()
    {
        string name = await StartRun();
        Commit(name, 4);
        foreach ((string last, string next) in new[] { ("1", "2"), ("2", "2-validation"), ("2-validation", "3") })
        {
            await using EventReader events = await EventReader.Open(App.Http, $"api/runs/{name}/events", last);
            Assert.Equal(next, (await events.Next()).Id);
        }

        await AssertRefused(await EventReader.Ask(App.Http, $"api/runs/{name}/events", "new"), HttpStatusCode.BadRequest, "Last-Event-ID is 'new', but ids of events are such as 12");
        (await App.Http.PostAsync($"api/runs/{name}/stop", null)).EnsureSuccessStatusCode();
        Commit(name, 4);
        Assert.Equal(HttpStatusCode.NoContent, (await EventReader.Ask(App.Http, $"api/runs/{name}/events", "4-validation")).StatusCode);
        await using EventReader over = await EventReader.Open(App.Http, $"api/runs/{name}/events", "4");
        Assert.Equal("4-validation", (await over.Next()).Id);
        Assert.Equal("status", (await over.Next()).Type);
        Assert.Null((await over.Next()).Type);
    }

    [Fact]
    public async Task Events_ClientThatLeaves_IsFreed()
    {
        string name = await StartRun();
        RunEvents open = App.Services.GetRequiredService<RunEvents>();
        EventReader events = await EventReader.Open(App.Http, $"api/runs/{name}/events");
        await events.Next();
        Assert.InRange(open.Clients, 1, int.MaxValue);
        await events.DisposeAsync();
        await Until(() => open.Clients == 0);
    }

    [Fact]
    public async Task Events_Head_AreNotWaitedFor()
    {
        HttpResponseMessage head = await App.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"api/runs/{await StartRun()}/events"));
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (head.StatusCode, head.Content.Headers.ContentType!.MediaType));
    }

    /// <summary>Another coordinator of the cluster has the run in its store alone.</summary>
    [Fact]
    public async Task Events_AtAnotherCoordinator_AreThoseOfTheStore()
    {
        string name = await StartRun();
        Commit(name, 3);
        new RunDirectory(Path.Combine(App.RunsDirectory, name)).Save(RunBoardTests.Snapshot(name, 3).State);
        await using CoordinatorNode other = await CoordinatorNode.Start(settings => settings with { RunsDirectory = App.RunsDirectory, TakesUpRuns = false });
        await using EventReader events = await EventReader.Open(other.Http, $"api/runs/{name}/events?from=3");
        Assert.Equal(("iteration", "3"), await events.Next());
        Assert.Equal("status", (await events.Next()).Type);
        Assert.False(events.Data.TryGetProperty("episodes_per_second", out _));
        Commit(name, 5);
        new RunDirectory(Path.Combine(App.RunsDirectory, name)).Save(RunBoardTests.Snapshot(name, 5).State);
        Assert.Equal(("iteration", "4"), await events.Next());
    }

    [Fact]
    public async Task Events_NothingHappens_AreKeptAliveByComments()
    {
        using TemporaryDirectory folder = new();
        RunBoard board = new();
        ManualTime time = new();
        board.Publish(RunBoardTests.Snapshot("run", 1));
        RunEvents events = new(new RunCatalog(board, new DirectoryStore(folder.Path, time)), new WorkerBoard(), time, App.Services.GetRequiredService<IHostApplicationLifetime>());
        TaskCompletionSource beat = new();
        await using IAsyncEnumerator<SseItem<object>> reading = events.Read("run", new MeasurePlace(1, true), _ =>
        {
            beat.TrySetResult();
            return Task.CompletedTask;
        }, default).GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync());
        ValueTask<bool> next = reading.MoveNextAsync();
        Assert.False(beat.Task.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(15));
        await beat.Task.WaitAsync(TestTime.Limit);
        board.Remove(new RunId("run"));
        Assert.False(await next.AsTask().WaitAsync(TestTime.Limit));
    }

    private static async Task Until(Func<bool> isSo)
    {
        using CancellationTokenSource limit = new(TestTime.Limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (!isSo())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>Writes the measures of the iterations up to one, with a validation of every second one, and publishes as many.</summary>
    private void Commit(string name, int iterations, int? published = null)
    {
        LineFile file = new RunDirectory(Path.Combine(App.RunsDirectory, name)).Metrics;
        int known = file.Tail().Count(line => line.Contains("query_loss", StringComparison.Ordinal));
        file.Append(Enumerable.Range(known + 1, iterations - known).SelectMany(i => new[]
        {
            $$"""{"iteration":{{i}},"query_loss":0.{{i}},"query_accuracy_fraction":0.5,"meta_gradient_norm":1.25,"counted_episodes":4,"excluded_episodes":1}""",
            $$"""{"iteration":{{i}},"validation_loss":9,"validation_accuracy_fraction":0.75,"validation_episodes":8,"best_iteration":2}""",
        }.Take(i % 2 == 0 ? 2 : 1)));
        RunBoard board = App.Services.GetRequiredService<RunBoard>();
        RunSnapshot run = board.Find(new RunId(name))!;
        board.Publish(run with { State = run.State with { Iteration = published ?? iterations } });
    }

    /// <summary>Reads server-sent events as a client does.</summary>
    private sealed class EventReader(HttpResponseMessage response, IAsyncEnumerator<SseItem<string>> events) : IAsyncDisposable
    {
        public JsonElement Data { get; private set; }

        public static async Task<HttpResponseMessage> Ask(HttpClient http, string path, string? last)
        {
            HttpRequestMessage request = new(HttpMethod.Get, path);
            if (last is not null)
            {
                request.Headers.Add("Last-Event-ID", last);
            }

            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }

        public static async Task<EventReader> Open(HttpClient http, string path, string? last = null)
        {
            HttpResponseMessage response = await Ask(http, path, last);
            Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
            return new EventReader(response, SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator());
        }

        /// <summary>The next event; no type at the end.</summary>
        public async Task<(string? Type, string? Id)> Next()
        {
            if (!await events.MoveNextAsync().AsTask().WaitAsync(TestTime.Limit))
            {
                return (null, null);
            }

            Data = JsonDocument.Parse(events.Current.Data).RootElement;
            return (events.Current.EventType, events.Current.EventId);
        }

        public async ValueTask DisposeAsync()
        {
            response.Dispose();
            await events.DisposeAsync();
        }
    }
}
