using System.Collections.Immutable;
using MetaMap.Core.Rounds;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>Blocks of a round given to waiting lanes, of training and of evaluations alike. Pure.</summary>
public static class LaneAssignment
{
    /// <summary>Leases blocks to waiting workers, one each in turn, until lanes or blocks run out.</summary>
    /// <param name="round">Its iteration names the leases: positive in training, the negative number of an evaluation otherwise.</param>
    /// <param name="lanes">Free and busy lanes of the workers.</param>
    /// <param name="now">Elapsed time.</param>
    /// <param name="policy">When blocks are leased again.</param>
    public static (MetaRound Round, LaneLedger Lanes, ImmutableArray<BlockAssignment> Assignments) Assign(
        MetaRound round, LaneLedger lanes, TimeSpan now, LeasePolicy policy)
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

            lanes = lanes.Begin(worker, new LeaseId(round.Iteration, leased.Block.Index, leased.Attempts), now);
            assignments.Add(new BlockAssignment(worker, leased.Block, leased.Attempts, leased.Leases[^1].IsSpeculative));
        }

        return (round, lanes, assignments.ToImmutable());
    }
}
