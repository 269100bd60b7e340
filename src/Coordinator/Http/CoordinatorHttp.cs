using System.Text.Json.Serialization;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Training.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Coordinator.Http;

/// <summary>The whole HTTP interface: runs, models, workers and health, and the dashboard.</summary>
public static class CoordinatorHttp
{
    /// <summary>Adds JSON conventions, access, limits and health checks.</summary>
    public static IServiceCollection AddCoordinatorHttp(this IServiceCollection services, CoordinatorSettings settings)
    {
        services.AddAccess(settings.Tokens);
        services.AddRequestLimits(settings.AdaptationsPerMinute);
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = settings.Node.Tls?.Certificate);
        });
        services.ConfigureHttpJsonOptions(json =>
        {
            foreach (JsonConverter converter in RunOptionsJson.Conventions.Converters)
            {
                json.SerializerOptions.Converters.Add(converter);
            }

            json.SerializerOptions.PropertyNamingPolicy = RunOptionsJson.Conventions.PropertyNamingPolicy;
            json.SerializerOptions.UnmappedMemberHandling = RunOptionsJson.Conventions.UnmappedMemberHandling;
            json.SerializerOptions.DefaultIgnoreCondition = RunOptionsJson.Conventions.DefaultIgnoreCondition;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.NumberHandling = RunOptionsJson.Conventions.NumberHandling;
            json.SerializerOptions.PropertyNameCaseInsensitive = RunOptionsJson.Conventions.PropertyNameCaseInsensitive;
            json.SerializerOptions.RespectNullableAnnotations = RunOptionsJson.Conventions.RespectNullableAnnotations;
        });
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddExceptionHandler<SentenceExceptionHandler>();
        services.AddHealthChecks().AddCheck<ClusterHealthCheck>("cluster").AddCheck<StorageHealthCheck>("storage");
        services.AddApiDocument(settings);
        services.AddSingleton<RunEvents>();
        return services;
    }

    /// <summary>Adds every route; a route that answers with an <see cref="ErrorBody"/>, throws or is refused by ASP.NET sends a problem document.</summary>
    public static void MapCoordinator(this WebApplication app)
    {
        // Made now: other exporters than /metrics listen to its meter from the start.
        _ = app.Services.GetRequiredService<RunMetrics>();
        app.UseExceptionHandler(_ => { });
        app.UseProblems();
        app.RefuseOtherSites();
        app.UseDashboard();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimiter();
        MapRoutes(app);
    }

    /// <summary>The workers of this node.</summary>
    public static Ok<WorkerBody[]> Workers(WorkerBoard board) => TypedResults.Ok(board.Workers.Select(worker => new WorkerBody(
        worker.WorkerId.Value, worker.Address, worker.SoftwareVersion, worker.Lanes, worker.Device, worker.Kernels, worker.Status,
        worker.CountedBlocks, worker.CountedEpisodes)).ToArray());

    /// <summary>Runs and workers in numbers, as Prometheus reads them.</summary>
    internal static async Task<ContentHttpResult> Metrics(RunMetrics metrics, CancellationToken cancellation) =>
        TypedResults.Text(await metrics.Export(cancellation).ConfigureAwait(false), RunMetrics.ContentType);

    private static void MapRoutes(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder routes = app.MapGroup("").AddEndpointFilter(Problems.Filter).AddEndpointFilterFactory(UnreadParameters.Refuse);
        ((IEndpointConventionBuilder)routes).Finally(RouteConventions.Apply);
        RunEndpoints.Map(routes);
        HistoryEndpoints.Map(routes);
        RoundEndpoints.Map(routes);
        ModelEndpoints.Map(routes);
        SessionEndpoints.Map(routes);
        PartEndpoints.Map(routes);
        routes.MapGet("/api/workers", Workers).WithName("ListWorkers").WithTags("workers");
        routes.MapGet("/metrics", Metrics).WithName("ReadMetrics").WithTags("node").Produces<string>(StatusCodes.Status200OK, "text/plain");
        routes.MapOpenApi();
        HealthEndpoints.Map(routes);
    }
}
