using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Workers;

/// <summary>Run to workforce, on the same node: a worker's result counted.</summary>
/// <param name="WorkerId">The worker.</param>
/// <param name="Episodes">Episodes in the result.</param>
internal sealed record BlockCounted(WorkerId WorkerId, int Episodes);

/// <summary>Run to workforce, on the same node: a worker's results were disproved, and the run gives it no more leases.</summary>
/// <param name="RunId">The run.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Reason">A readable sentence.</param>
internal sealed record WorkerExcluded(RunId RunId, WorkerId WorkerId, string Reason);

/// <summary>Run to workforce, on the same node: another coordinator trains the run; drop it without telling the workers.</summary>
/// <param name="RunId">The run.</param>
internal sealed record RunLeft(RunId RunId);
