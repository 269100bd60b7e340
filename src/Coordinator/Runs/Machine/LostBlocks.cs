using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Shared.Messages;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>
/// Remembers which blocks the latest lost workers had, and whose results counted instead. A lost worker is noticed late: others have often computed its
/// blocks by then. Immutable and pure.
/// </summary>
/// <param name="Workers">The latest lost workers, at most <see cref="Most"/>, the latest last.</param>
/// <param name="Overtaken">Leases of earlier rounds that are still held, and whose result counted.</param>
internal sealed record LostBlocks(ImmutableArray<LostWorker> Workers, ImmutableDictionary<LeaseId, string> Overtaken)
{
    /// <summary>Most workers that are remembered.</summary>
    public const int Most = 8;

    /// <summary>Nobody was lost.</summary>
    public static LostBlocks None { get; } = new([], ImmutableDictionary<LeaseId, string>.Empty);

    /// <summary>A worker is lost now.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="lanes">The leases, those of the worker still among them.</param>
    public LostBlocks Lose(WorkerId worker, LaneLedger lanes)
    {
        IEnumerable<LostWorker> lost = lanes.Workers.GetValueOrDefault(worker, LaneAccount.None).Busy.Keys
            .Where(lease => lease.Round.Kind == RoundKind.Iteration).OrderBy(lease => lease.Block).GroupBy(lease => lease.Round.Number).OrderBy(leases => leases.Key)
            .Select(leases => new LostWorker(worker, leases.Key, [.. leases.Select(lease => new LostBlock(lease.Block, Overtaken.GetValueOrDefault(lease)))]));
        return this with { Workers = [.. Workers.Concat(lost).TakeLast(Most)] };
    }

    /// <summary>Fills in what has counted in a round.</summary>
    public LostBlocks With(MetaRound round) => Workers.All(worker => worker.Iteration != round.Iteration) ? this : this with
    {
        Workers = [.. Workers.Select(worker => worker.Iteration != round.Iteration ? worker
            : worker with { Blocks = [.. worker.Blocks.Select(block => block with { CountedFrom = round.Blocks[block.Block].CountedFrom })] })],
    };

    /// <summary>A round is complete.</summary>
    /// <param name="round">The round.</param>
    /// <param name="lanes">The leases that are held.</param>
    public LostBlocks After(MetaRound round, LaneLedger lanes)
    {
        LeaseId[] held = [.. lanes.Workers.Values.SelectMany(worker => worker.Busy.Keys)];
        return With(round) with
        {
            Overtaken = held.Length == 0 ? Overtaken.Clear() : held
                .Select(lease => (Lease: lease, From: lease.Round.IsIteration(round.Iteration) ? round.Blocks[lease.Block].CountedFrom : Overtaken.GetValueOrDefault(lease)))
                .Where(lease => lease.From is not null).ToImmutableDictionary(lease => lease.Lease, lease => lease.From!),
        };
    }
}
