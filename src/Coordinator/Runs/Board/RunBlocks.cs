using System.Collections.Immutable;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>Where the blocks of a run in training are. Immutable.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Held">Leases that are not answered, the oldest first.</param>
/// <param name="Lost">Workers that left with leases, the latest last.</param>
internal sealed record RunBlocks(RunId RunId, ImmutableArray<HeldLease> Held, ImmutableArray<LostWorker> Lost);

/// <summary>A lease that a worker has not answered.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Lease">Its block.</param>
/// <param name="Age">How long it has had it.</param>
internal sealed record HeldLease(WorkerId Worker, LeaseId Lease, TimeSpan Age);

/// <summary>A worker that was lost with blocks of an iteration.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Iteration">The iteration.</param>
/// <param name="Blocks">What became of them.</param>
internal sealed record LostWorker(WorkerId Worker, int Iteration, ImmutableArray<LostBlock> Blocks);

/// <summary>A block whose worker was lost.</summary>
/// <param name="Block">Its position in the round.</param>
/// <param name="CountedFrom">Whose result counted instead; null as long as none has.</param>
internal readonly record struct LostBlock(int Block, string? CountedFrom);
