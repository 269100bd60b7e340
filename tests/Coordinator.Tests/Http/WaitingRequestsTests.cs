using System.Net;
using MetaMap.Coordinator.Http;
using MetaMap.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MetaMap.Coordinator.Tests.Http;

public sealed class WaitingRequestsTests
{
    [Fact]
    public async Task WaitsForWorkers_NodeEnds_IsAnsweredAndNotWaitedFor()
    {
        TaskCompletionSource begun = new();
        await using WebApplication app = Build(begun);
        await app.StartAsync();
        using HttpClient http = new() { BaseAddress = new Uri(app.Urls.First()), Timeout = TestTime.Limit };
        Task<HttpResponseMessage> asked = http.GetAsync("wait");
        await begun.Task.WaitAsync(TestTime.Limit);
        Task stopped = app.StopAsync();
        await HttpTestKit.AssertRefused(await asked, HttpStatusCode.ServiceUnavailable, "This coordinator is shutting down");
        await stopped.WaitAsync(TestTime.Limit);
    }

    private static WebApplication Build(TaskCompletionSource begun)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.MapGet("/wait", async (HttpContext context) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
            return TypedResults.Ok();
        }).WaitsForWorkers();
        return app;
    }
}
