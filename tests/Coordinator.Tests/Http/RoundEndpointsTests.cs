using System.Net;
using MetaMap.Coordinator.Http;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary><c>/api/runs/{id}/blocks</c> and <c>/episode</c> of a coordinator without workers.</summary>
public sealed class RoundEndpointsTests(CoordinatorApp app) : HttpTestKit(app)
{
    [Fact]
    public async Task Blocks_WithoutWorkers_AreNowhere()
    {
        BlocksBody blocks = await Get<BlocksBody>($"api/runs/{await StartRun()}/blocks");
        Assert.Empty(blocks.Leases);
        Assert.Empty(blocks.LostWorkers);
        await AssertRefused(await App.Http.GetAsync("api/runs/nobody/blocks"), HttpStatusCode.NotFound, "There is no run 'nobody'");
    }

    [Fact]
    public async Task Episode_NobodyCanAdapt_IsRefusedAndAskedAgainLater()
    {
        string run = await StartRun();
        await AssertRefused(await App.Http.GetAsync($"api/runs/{run}/episode"), HttpStatusCode.ServiceUnavailable, "There is no worker that could adapt a model");
        await AssertRefused(await App.Http.GetAsync($"api/runs/{run}/episode"), HttpStatusCode.ServiceUnavailable, "There is no worker that could adapt a model");
        await AssertRefused(await App.Http.GetAsync("api/runs/nobody/episode"), HttpStatusCode.NotFound, "There is no run 'nobody'");
    }

    [Fact]
    public async Task Episode_NoImages_IsRefused()
    {
        string name = NewName();
        (await Start($$"""{"name":"{{name}}","options":{"dataset":"sinusoid"} }""")).EnsureSuccessStatusCode();
        await AssertRefused(await App.Http.GetAsync($"api/runs/{name}/episode"), HttpStatusCode.Conflict, $"Run {name} has no episodes of images to show: it is trained on sinusoid.");
    }
}
