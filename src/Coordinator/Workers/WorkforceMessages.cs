using System.Collections.Immutable;
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

/// <summary>Workforce to run, on the same node: who is there, and which workers take no part in the run.</summary>
/// <param name="Others">Workers that can be reached and have not declined it.</param>
/// <param name="Declined">Those that have, by name.</param>
internal sealed record RunStaff(int Others, ImmutableArray<RunDeclined> Declined)
{
    /// <summary>Nobody is there yet.</summary>
    public static RunStaff Willing { get; } = new(0, []);

    /// <summary>Everybody has declined, and the data is to blame.</summary>
    public bool IsForsaken => Others == 0 && Declined.Any(declined => declined.IsBadData);

    /// <summary>Why workers take no part, in the words of the first whose data is to blame, else of the first; null when nobody has declined.</summary>
    public string? Why => Declined.IsEmpty ? null
        : (Declined.FirstOrDefault(declined => declined.IsBadData) ?? Declined[0]) is var first && Declined.Length == 1
            ? $"worker {first.WorkerId} says: {first.Reason}" : $"worker {first.WorkerId}, one of {Declined.Length} that take no part, says: {first.Reason}";
}
