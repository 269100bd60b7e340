using MetaMap.Coordinator.Workers;
using MetaMap.Core.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Coordinator.Http;

/// <summary>The whole HTTP interface: runs, models, workers and health.</summary>
public static class NodeEndpoints
{
    /// <summary>JSON conventions and health checks.</summary>
    public static IServiceCollection AddCoordinatorHttp(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = RunOptionsJson.Conventions.PropertyNamingPolicy;
            json.SerializerOptions.UnmappedMemberHandling = RunOptionsJson.Conventions.UnmappedMemberHandling;
            json.SerializerOptions.DefaultIgnoreCondition = RunOptionsJson.Conventions.DefaultIgnoreCondition;
        });
        services.AddHealthChecks().AddCheck<ClusterHealthCheck>("cluster", tags: ["ready"]).AddCheck<StorageHealthCheck>("storage", tags: ["ready"]);
        return services;
    }

    /// <summary>Adds every route.</summary>
    public static void MapCoordinator(this IEndpointRouteBuilder routes)
    {
        RunEndpoints.Map(routes);
        ModelEndpoints.Map(routes);
        routes.MapGet("/api/workers", Workers);
        routes.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false });
        routes.MapHealthChecks("/healthz/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
        routes.MapFallback(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return context.Response.WriteAsJsonAsync(new ErrorBody($"There is nothing at {context.Request.Path}."));
        });
    }

    /// <summary>The workers of this node.</summary>
    public static Ok<WorkerBody[]> Workers(WorkerBoard board) => TypedResults.Ok(board.Workers.Select(worker => new WorkerBody(
        worker.WorkerId.Value, worker.Address, worker.SoftwareVersion, worker.Lanes, worker.Device, worker.Status,
        worker.CountedBlocks, worker.CountedEpisodes)).ToArray());
}
