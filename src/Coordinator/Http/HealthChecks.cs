using Akka.Actor;
using Akka.Cluster;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Shared.Messages;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MetaMap.Coordinator.Http;

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
