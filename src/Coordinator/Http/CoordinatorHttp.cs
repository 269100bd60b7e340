using System.Text.Json.Serialization;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Training.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
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
        services.AddHealthChecks().AddCheck<ClusterHealthCheck>("cluster", tags: ["ready"]).AddCheck<StorageHealthCheck>("storage", tags: ["ready"]);
        return services;
    }

    /// <summary>Adds every route, and a readable sentence to every refusal.</summary>
    public static void MapCoordinator(this WebApplication app)
    {
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(pages => pages.HttpContext.Response.WriteAsJsonAsync(new ErrorBody(
            Refusal(pages.HttpContext.Request, pages.HttpContext.Response.StatusCode))));
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

    /// <summary>The sentence for a request that only has a status.</summary>
    internal static string Refusal(HttpRequest request, int status) => status switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {request.Path}.",
        StatusCodes.Status405MethodNotAllowed => $"{request.Path} does not understand {request.Method}.",
        StatusCodes.Status415UnsupportedMediaType => $"{request.Method} {request.Path} needs a body with the content type application/json.",
        StatusCodes.Status413PayloadTooLarge => $"The body is too large: this coordinator takes {request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize} bytes at most.",
        _ => $"{request.Method} {request.Path} is refused with status {status}.",
    };

    private static void MapRoutes(IEndpointRouteBuilder routes)
    {
        RunEndpoints.Map(routes);
        ModelEndpoints.Map(routes);
        SessionEndpoints.Map(routes);
        PartEndpoints.Map(routes);
        routes.MapGet("/api/workers", Workers);
        routes.MapGet("/metrics", Metrics);
        // Open, because container health checks have no token.
        routes.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        routes.MapHealthChecks("/healthz/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") }).AllowAnonymous();
    }
}
