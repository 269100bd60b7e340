using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Hosting;
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
            new RunId("r"), RunStatus.Training, training.Options, training.Shape, training.Begin() with { Iteration = 3 }, new IterationMetrics(3, 0.5, 0.75, 1, 4, 0), 1.5,
            ImmutableSortedDictionary<BlockVerdict, long>.Empty.Add(BlockVerdict.Counted, 12).Add(BlockVerdict.Stale, 2), null, "", null)
        {
            Counters = new RunCounters { SpeculativeLeases = 5, SpeculativeWins = 4, QuarantinedBlocks = 6, AuditedBlocks = 7, UnauditedBlocks = 8, Times = new IterationTimes(0.5, 0.25, 0.125, 2, 4) },
            Validation = new ValidationMetrics(2, 0.25, null, 8, 2),
            ExcludedWorkers = ImmutableSortedDictionary<string, string>.Empty.Add("w", "liar"),
        };
        runs.Publish(run);
        workers.Publish(new WorkerSnapshot(new WorkerId("w"), "", "", 1, "cpu", "direct", 0, 0) { Times = new LaneTimes(8, 16, 32, 64), ProcessBytes = 500, DeviceBytes = 900 });
        workers.Publish(new WorkerSnapshot(new WorkerId("v"), "", "", 1, "cpu", "direct", 0, 0) { IsUnreachable = true });
        string[] lines = (await metrics.Export(default)).Split('\n');
        foreach (string line in new[]
        {
            "metamap_iterations_committed_total{run=\"r\"} 3", "metamap_block_results_total{run=\"r\",verdict=\"Counted\"} 12",
            "metamap_block_results_total{run=\"r\",verdict=\"Stale\"} 2", "metamap_speculative_leases_total{run=\"r\"} 5", "metamap_speculative_wins_total{run=\"r\"} 4",
            "metamap_quarantined_blocks_total{run=\"r\"} 6", "metamap_audited_blocks_total{run=\"r\"} 7", "metamap_unaudited_blocks_total{run=\"r\"} 8",
            "metamap_worker_memory_bytes{worker=\"w\"} 500", "metamap_worker_device_memory_bytes{worker=\"w\"} 900", "metamap_query_loss{run=\"r\"} 0.5", "metamap_query_accuracy{run=\"r\"} 0.75", "metamap_validation_loss{run=\"r\"} 0.25",
            "# TYPE metamap_iterations_committed_total counter", "# TYPE metamap_iteration_seconds_total counter", "# TYPE metamap_query_loss gauge", "# TYPE process_working_set_bytes gauge",
            "metamap_excluded_workers{run=\"r\"} 1", "metamap_episodes_per_second{run=\"r\"} 1.5",
            $"metamap_gradient_bytes_total{{run=\"r\"}} {12 * 4 * training.Layout.Length}",
            "metamap_iteration_seconds_total{run=\"r\",part=\"gradient\"} 0.5", "metamap_iteration_seconds_total{run=\"r\",part=\"reduce\"} 0.25",
            "metamap_iteration_seconds_total{run=\"r\",part=\"step\"} 0.125", "metamap_iteration_seconds_total{run=\"r\",part=\"sample\"} 2", "metamap_iteration_seconds_total{run=\"r\",part=\"commit\"} 4",
            "metamap_lane_seconds_total{worker=\"w\",part=\"idle\"} 8", "metamap_lane_seconds_total{worker=\"w\",part=\"parameters\"} 16",
            "metamap_lane_seconds_total{worker=\"w\",part=\"data\"} 32", "metamap_lane_seconds_total{worker=\"w\",part=\"compute\"} 64",
            "metamap_workers{ready=\"true\"} 1", "metamap_workers{ready=\"false\"} 1",
        })
        {
            Assert.Contains(line, lines);
        }

        Assert.DoesNotContain(lines, line => line.StartsWith("metamap_validation_accuracy{", StringComparison.Ordinal));
        runs.Publish(run with { State = run.State with { Iteration = 9 } });
        Assert.Contains("metamap_iterations_committed_total{run=\"r\"} 9", (await metrics.Export(default)).Split('\n'));
        // It was resumed here: its counters begin again.
        runs.Publish(run with { Counters = new RunCounters() });
        Assert.Contains("metamap_speculative_wins_total{run=\"r\"} 0", (await metrics.Export(default)).Split('\n'));
        runs.Remove(run.RunId);
        Assert.DoesNotContain("run=\"r\"", await metrics.Export(default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_ManyAtOnce_AreAllWhole()
    {
        RunBoard runs = new();
        using RunMetrics metrics = new(runs, new WorkerBoard());
        runs.Publish(RunBoardTests.Snapshot("r", 3));
        string[] all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => metrics.Export(default))));
        Assert.All(all, text => Assert.Contains("metamap_iterations_committed_total{run=\"r\"} 3\n", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Meter_HasTheSameNumbers()
    {
        RunBoard runs = new();
        runs.Publish(RunBoardTests.Snapshot("r", 3));
        using RunMetrics metrics = new(runs, new WorkerBoard());
        Dictionary<string, double> seen = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, one) =>
        {
            if (instrument.Meter.Name == Tracing.Name)
            {
                one.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen[$"{instrument.GetType().Name.Split('`')[0]} {instrument.Name} {string.Join(",", tags.ToArray().Select(tag => tag.Value))}"] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(3, seen["ObservableCounter iterations_committed r"]);
        Assert.Equal(0, seen["ObservableGauge excluded_workers r"]);
    }
}
