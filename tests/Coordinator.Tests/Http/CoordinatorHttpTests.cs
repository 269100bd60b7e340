using System.Net;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary>What is asked of a node: its workers, numbers and health, and what it does not have.</summary>
public sealed class CoordinatorHttpTests(CoordinatorApp app) : HttpTestKit(app)
{
    [Fact]
    public async Task Metrics_OfARun_AreLabelledByItsName()
    {
        string name = await StartRun();
        HttpResponseMessage response = await App.Http.GetAsync("metrics");
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        foreach (string metric in new[] { "iterations_committed", "speculative_leases", "speculative_wins", "quarantined_blocks", "audited_blocks" })
        {
            Assert.Contains($"metamap_{metric}_total{{run=\"{name}\"}} 0", lines);
        }

        RunBody run = await Get<RunBody>($"api/runs/{name}");
        Assert.Equal("waiting for workers: 0 of 1", run.Problem);
    }

    [Theory]
    [InlineData("api/runs/nobody", "There is no run 'nobody'")]
    [InlineData("api/runs/nobody/model", "There is no such run")]
    [InlineData("api/runs/nobody/model/info", "There is no such run")]
    [InlineData("api/nothing", "There is nothing at /api/nothing.")]
    [InlineData("nothing/at/all", "There is nothing at /nothing/at/all.")]
    public async Task Get_WhatIsNotThere_Is404WithOneSentence(string path, string reason) =>
        await AssertRefused(await App.Http.GetAsync(path), HttpStatusCode.NotFound, reason);

    [Fact]
    public async Task Workers_AreListedByName()
    {
        WorkerBoard board = App.Services.GetRequiredService<WorkerBoard>();
        board.Publish(new WorkerSnapshot(new WorkerId("b"), "akka.tcp://x", "0.1.0", 2, "cpu", "direct", 3, 12));
        board.Publish(new WorkerSnapshot(new WorkerId("a"), "akka.tcp://y", "0.1.0", 1, "cpu", "direct", 0, 0) { IsUnreachable = true });
        WorkerBody[] workers = await Get<WorkerBody[]>("api/workers");
        Assert.Equal(["a", "b"], workers.Select(worker => worker.WorkerId));
        Assert.Equal(new WorkerBody("b", "akka.tcp://x", "0.1.0", 2, "cpu", "direct", "ready", 3, 12), workers[1]);
        board.Remove(new WorkerId("a"));
        board.Remove(new WorkerId("b"));
    }

    [Fact]
    public async Task Health_OfANodeThatIsUp_IsHealthy()
    {
        Assert.Equal("Healthy", await App.Http.GetStringAsync("healthz/live"));
        Assert.Equal("Healthy", await App.Http.GetStringAsync("healthz/ready"));
    }
}
