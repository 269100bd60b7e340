using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs.Board;

public sealed class RunMetricsTests
{
    [Fact]
    public async Task Export_BoardsWithNumbers_ShowsThemAndFollowsThem()
    {
        RunBoard runs = new();
        WorkerBoard workers = new();
        using RunMetrics metrics = new(runs, workers);
        MetaTraining training = TinyRun.Training();
        RunSnapshot run = new(
            new RunId("r"), RunStatus.Training, training.Options, training.Shape, training.Begin() with { Iteration = 3 }, null, 1.5,
            ImmutableSortedDictionary<BlockVerdict, long>.Empty.Add(BlockVerdict.Counted, 12).Add(BlockVerdict.Stale, 2), null, "", null)
        {
            Counters = new RunCounters { SpeculativeLeases = 5, SpeculativeWins = 4, QuarantinedBlocks = 6, AuditedBlocks = 7, UnauditedBlocks = 8, Times = new IterationTimes(0.5, 0.25, 0.125, 2, 4) },
            ExcludedWorkers = ImmutableSortedDictionary<string, string>.Empty.Add("w", "liar"),
        };
        runs.Publish(run);
        workers.Publish(new WorkerSnapshot(new WorkerId("w"), "", "", 1, "cpu", "direct", 0, 0) { Times = new LaneTimes(8, 16, 32, 64) });
        workers.Publish(new WorkerSnapshot(new WorkerId("v"), "", "", 1, "cpu", "direct", 0, 0) { IsUnreachable = true });
        string[] lines = (await metrics.Export(default)).Split('\n');
        foreach (string line in new[]
        {
            "metamap_iterations_committed{run=\"r\"} 3", "metamap_block_results{run=\"r\",verdict=\"Counted\"} 12",
            "metamap_block_results{run=\"r\",verdict=\"Stale\"} 2", "metamap_speculative_leases{run=\"r\"} 5", "metamap_speculative_wins{run=\"r\"} 4",
            "metamap_quarantined_blocks{run=\"r\"} 6", "metamap_audited_blocks{run=\"r\"} 7", "metamap_unaudited_blocks{run=\"r\"} 8",
            "metamap_excluded_workers{run=\"r\"} 1", "metamap_episodes_per_second{run=\"r\"} 1.5",
            $"metamap_gradient_bytes{{run=\"r\"}} {12 * 4 * training.Layout.Length}",
            "metamap_iteration_seconds{part=\"gradient\",run=\"r\"} 0.5", "metamap_iteration_seconds{part=\"reduce\",run=\"r\"} 0.25",
            "metamap_iteration_seconds{part=\"step\",run=\"r\"} 0.125", "metamap_iteration_seconds{part=\"sample\",run=\"r\"} 2", "metamap_iteration_seconds{part=\"commit\",run=\"r\"} 4",
            "metamap_lane_seconds{part=\"idle\",worker=\"w\"} 8", "metamap_lane_seconds{part=\"parameters\",worker=\"w\"} 16",
            "metamap_lane_seconds{part=\"data\",worker=\"w\"} 32", "metamap_lane_seconds{part=\"compute\",worker=\"w\"} 64",
            "metamap_workers{ready=\"true\"} 1", "metamap_workers{ready=\"false\"} 1",
        })
        {
            Assert.Contains(line, lines);
        }

        runs.Publish(run with { State = run.State with { Iteration = 9 } });
        Assert.Contains("metamap_iterations_committed{run=\"r\"} 9", (await metrics.Export(default)).Split('\n'));
    }
}
