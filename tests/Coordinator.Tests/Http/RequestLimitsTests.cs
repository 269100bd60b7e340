using System.Net;
using MetaMap.Coordinator.Http;
using MetaMap.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MetaMap.Coordinator.Tests.Http;

public sealed class RequestLimitsTests
{
    [Fact]
    public async Task Adaptation_AnswersThatAreKnown_DoNotCount()
    {
        bool isKnown = true;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRequestLimits(adaptationsPerMinute: 1);
        await using WebApplication app = builder.Build();
        app.UseRouting();
        app.UseRateLimiter();
        app.MapGet("/look", () => TypedResults.Ok()).RequireRateLimiting(RequestLimits.Adaptation).WithMetadata(new KnownAnswers(_ => isKnown));
        await app.StartAsync();
        using HttpClient http = new() { BaseAddress = new Uri(app.Urls.First()), Timeout = TestTime.Limit };
        Assert.Equal(2 * RequestLimits.AdaptationBurst, await Answered(2 * RequestLimits.AdaptationBurst));
        isKnown = false;
        Assert.Equal(RequestLimits.AdaptationBurst, await Answered(2 * RequestLimits.AdaptationBurst));
        isKnown = true;
        Assert.Equal(1, await Answered(1));

        async Task<int> Answered(int asked)
        {
            int answered = 0;
            for (int i = 0; i < asked; i++)
            {
                using HttpResponseMessage answer = await http.GetAsync("look");
                answered += answer.StatusCode == HttpStatusCode.OK ? 1 : 0;
            }

            return answered;
        }
    }
}
