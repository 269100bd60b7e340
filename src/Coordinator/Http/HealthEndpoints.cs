using Akka.Actor;
using Akka.Cluster;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Shared.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MetaMap.Coordinator.Http;

/// <summary><c>/healthz</c>, for container health checks; open, because these have no token.</summary>
internal static class HealthEndpoints
{
    private const string Healthy = nameof(HealthStatus.Healthy);

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder health = routes.MapGroup("/healthz").AllowAnonymous().WithTags("node");
        health.MapGet("/live", () => TypedResults.Text(Healthy)).Produces<string>(StatusCodes.Status200OK, "text/plain")
            .WithName("IsLive").WithSummary("Answered with 200 while the process is alive.");
        health.MapGet("/ready", Ready).Produces<string>(StatusCodes.Status200OK, "text/plain").Produces<ErrorBody>(StatusCodes.Status503ServiceUnavailable)
            .WithName("IsReady");
    }

    /// <summary>Answered with 200 while the node is up in its cluster and its store accepts commits.</summary>
    public static async Task<Results<ContentHttpResult, JsonHttpResult<ErrorBody>>> Ready(HealthCheckService checks, CancellationToken cancellation)
    {
        HealthReport health = await checks.CheckHealthAsync(cancellation).ConfigureAwait(false);
        return health.Status == HealthStatus.Healthy ? TypedResults.Text(Healthy) : TypedResults.Json(
            new ErrorBody($"This coordinator is not ready: {string.Join("; ", health.Entries.Values.Where(check => check.Status != HealthStatus.Healthy).Select(check => check.Description?.TrimEnd('.')))}."),
            statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>Ready when this node is up in its cluster.</summary>
internal sealed class ClusterHealthCheck(ActorSystem system) : IHealthCheck
{
    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        MemberStatus status = Cluster.Get(system).SelfMember.Status;
        return Task.FromResult(status == MemberStatus.Up
            ? HealthCheckResult.Healthy("member is up") : HealthCheckResult.Unhealthy($"member is {status}"));
    }
}

/// <summary>Ready while the store accepts commits.</summary>
internal sealed class StorageHealthCheck(RunBoard board) : IHealthCheck
{
    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        RunSnapshot? troubled = board.Runs.FirstOrDefault(run => run.Status == RunStatus.Training && run.Problem is not null);
        return Task.FromResult(troubled is null
            ? HealthCheckResult.Healthy("checkpoints are written") : HealthCheckResult.Unhealthy(troubled.Problem));
    }
}
