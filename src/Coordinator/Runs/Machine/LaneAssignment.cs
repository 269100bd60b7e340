using System.Collections.Immutable;
using MetaMap.Shared.Messages;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>Assigns blocks of a round, of training or of an evaluation, to waiting lanes. Pure.</summary>
internal static class LaneAssignment
{
    /// <summary>Leases blocks to waiting workers, one each in turn, until lanes or blocks run out.</summary>
    /// <param name="id">Names the leases.</param>
    /// <param name="round">The round, of training or of an evaluation.</param>
    /// <param name="lanes">Free and busy lanes of the workers.</param>
    /// <param name="now">Elapsed time.</param>
    /// <param name="policy">When blocks are leased again.</param>
    public static (MetaRound Round, LaneLedger Lanes, ImmutableArray<BlockAssignment> Assignments) Assign(
        RoundId id, MetaRound round, LaneLedger lanes, TimeSpan now, LeasePolicy policy)
    {
        var assignments = ImmutableArray.CreateBuilder<BlockAssignment>();
        string[] live = [.. lanes.Workers.Keys.Select(worker => worker.Value)];
        var refused = new HashSet<WorkerId>();
        while (lanes.Waiting.FirstOrDefault(worker => !refused.Contains(worker)) is { Value: not null } worker)
        {
            (round, BlockProgress? leased) = MetaRoundPolicy.Lease(round, worker.Value, live, now, policy);
            if (leased is null)
            {
                refused.Add(worker);
                continue;
            }

            LeaseId lease = new(new RunId(round.RunId), id, leased.Block.Index, leased.Attempts);
            lanes = lanes.Begin(worker, lease, now);
            assignments.Add(new BlockAssignment(worker, lease, leased.Block, leased.Leases[^1].IsSpeculative));
        }

        return (round, lanes, assignments.ToImmutable());
    }
}
