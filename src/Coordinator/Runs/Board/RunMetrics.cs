using System.Diagnostics.Metrics;
using System.Text;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;
using MetaMap.Training.Rounds;
using Prometheus;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>
/// Runs and workers in numbers: the meter <c>MetaMap</c>, whose instruments read the boards on demand, and its export for
/// Prometheus. Counters start again when a run is resumed or moves here, as Prometheus expects.
/// </summary>
internal sealed class RunMetrics : IDisposable
{
    /// <summary>Name of the meter, for other exporters.</summary>
    public const string MeterName = "MetaMap";

    /// <summary>Content type of <see cref="Export"/>.</summary>
    public const string ContentType = PrometheusConstants.TextContentType;

    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly Meter _meter = new(MeterName);
    private readonly IDisposable _adapter;
    private readonly RunBoard _runs;

    /// <summary>Creates the instruments.</summary>
    /// <param name="runs">Read model of the runs.</param>
    /// <param name="workers">Read model of the workers.</param>
    public RunMetrics(RunBoard runs, WorkerBoard workers)
    {
        _runs = runs;
        Count("iterations_committed", "Committed meta-iterations.", run => run.State.Iteration);
        Count("speculative_leases", "Second leases on slow blocks.", run => run.Counters.SpeculativeLeases);
        Count("speculative_wins", "Second leases whose result counted while the first was still out.", run => run.Counters.SpeculativeWins);
        Count("quarantined_blocks", "Blocks that did not count in their iteration.", run => run.Counters.QuarantinedBlocks);
        Count("audited_blocks", "Blocks that counted after two workers had given the same bits.", run => run.Counters.AuditedBlocks);
        Count("unaudited_blocks", "Blocks that were to be audited and counted without it.", run => run.Counters.UnauditedBlocks);
        _meter.CreateObservableCounter("block_results", () => _runs.Runs.SelectMany(run => run.Results.Select(result =>
            new Measurement<long>(result.Value, Run(run), new("verdict", result.Key.ToString())))), description: "Block results by verdict.");
        _meter.CreateObservableCounter("gradient_bytes", () => _runs.Runs.Select(run => new Measurement<long>(
            run.Results.GetValueOrDefault(BlockVerdict.Counted) * run.State.Parameters.Bytes.Length, Run(run))), "By", "Bytes of the gradients that counted.");
        _meter.CreateObservableGauge("excluded_workers", () => _runs.Runs.Select(run => new Measurement<long>(
            run.ExcludedWorkers.Count, Run(run))), description: "Workers whose results were disproved.");
        _meter.CreateObservableGauge("episodes_per_second", () => _runs.Runs.Select(run => new Measurement<double>(
            run.EpisodesPerSecond, Run(run))), description: "Episodes per second since the run was started here.");
        _meter.CreateObservableGauge("workers", () => workers.Workers.GroupBy(worker => worker.IsReady).Select(group =>
            new Measurement<long>(group.Count(), new KeyValuePair<string, object?>("ready", group.Key ? "true" : "false"))), description: "Workers of this node.");
        _meter.CreateObservableCounter("iteration_seconds", () => _runs.Runs.SelectMany(run => Parts(run.Counters.Times).Select(part =>
            new Measurement<double>(part.Seconds, Run(run), new("part", part.Name)))), "s", "What the iterations of a run took, by part; training does not wait for commits.");
        _meter.CreateObservableCounter("lane_seconds", () => workers.Workers.SelectMany(worker => Parts(worker.Times).Select(part =>
            new Measurement<double>(part.Seconds, new("worker", worker.WorkerId.Value), new("part", part.Name)))), "s", "What the lanes of a worker did, by part; the share of compute is their utilisation.");
        _adapter = MeterAdapter.StartListening(new MeterAdapterOptions
        {
            Registry = _registry, MetricFactory = Metrics.WithCustomRegistry(_registry), InstrumentFilterPredicate = instrument => instrument.Meter == _meter,
        });
    }

    /// <summary>All numbers as Prometheus text.</summary>
    public async Task<string> Export(CancellationToken cancellation)
    {
        using MemoryStream text = new();
        await _registry.CollectAndExportAsTextAsync(text, cancellation).ConfigureAwait(false);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _adapter.Dispose();
        _meter.Dispose();
    }

    private void Count(string name, string description, Func<RunSnapshot, long> value) => _meter.CreateObservableCounter(
        name, () => _runs.Runs.Select(run => new Measurement<long>(value(run), Run(run))), description: description);

    private static (string Name, double Seconds)[] Parts(IterationTimes times) =>
        [("gradient", times.Gradient), ("reduce", times.Reduce), ("step", times.Step), ("sample", times.Sample), ("commit", times.Commit)];

    private static (string Name, double Seconds)[] Parts(LaneTimes times) =>
        [("idle", times.Idle), ("parameters", times.Parameters), ("data", times.Data), ("compute", times.Compute)];

    private static KeyValuePair<string, object?> Run(RunSnapshot run) => new("run", run.RunId.Value);
}
