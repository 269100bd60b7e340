using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Training.Rounds;
using Prometheus;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>
/// Runs and workers in numbers, read from the boards on demand: the meter of <see cref="Tracing"/> for other exporters, and text for
/// Prometheus. Counters start again when a run is resumed or moves here, as Prometheus expects.
/// </summary>
internal sealed class RunMetrics : IDisposable
{
    /// <summary>Content type of <see cref="Export"/>.</summary>
    public const string ContentType = PrometheusConstants.TextContentType;

    private readonly Meter _meter = new(Tracing.Name);
    private readonly PrometheusText _text;

    /// <summary>Creates the instruments.</summary>
    /// <param name="runs">Read model of the runs.</param>
    /// <param name="workers">Read model of the workers.</param>
    public RunMetrics(RunBoard runs, WorkerBoard workers)
    {
        ImmutableArray<MetricFamily> families = [.. OfRuns(runs), .. OfWorkers(workers)];
        _text = new PrometheusText(families);
        foreach (MetricFamily family in families)
        {
            if (family.IsCounter)
            {
                _meter.CreateObservableCounter(family.Name, () => Measure(family), family.Unit, family.Help);
            }
            else
            {
                _meter.CreateObservableGauge(family.Name, () => Measure(family), family.Unit, family.Help);
            }
        }
    }

    /// <summary>All numbers as Prometheus text.</summary>
    public Task<string> Export(CancellationToken cancellation) => _text.Write(cancellation);

    /// <inheritdoc />
    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    private static IEnumerable<Measurement<double>> Measure(MetricFamily family) => family.Read().Select(value =>
        new Measurement<double>(value.Value, family.Labels.Zip(value.Labels, (label, text) => new KeyValuePair<string, object?>(label, text))));

    private static MetricFamily[] OfRuns(RunBoard runs)
    {
        MetricFamily Each(string name, bool isCounter, string help, Func<RunSnapshot, double?> value) => new(
            name, isCounter, help, ["run"], () => runs.Runs.Where(run => value(run) is not null).Select(run => new MetricValue(value(run)!.Value, run.RunId.Value)));
        return
        [
            Each("iterations_committed", true, "Committed meta-iterations.", run => run.State.Iteration),
            Each("speculative_leases", true, "Second leases on slow blocks.", run => run.Counters.SpeculativeLeases),
            Each("speculative_wins", true, "Second leases whose result counted while the first was still out.", run => run.Counters.SpeculativeWins),
            Each("quarantined_blocks", true, "Blocks that did not count in their iteration.", run => run.Counters.QuarantinedBlocks),
            Each("audited_blocks", true, "Blocks that counted after two workers had given the same bits.", run => run.Counters.AuditedBlocks),
            Each("unaudited_blocks", true, "Blocks that were to be audited and counted without it.", run => run.Counters.UnauditedBlocks),
            Each("gradient_bytes", true, "Bytes of the gradients that counted.", run => (double)run.Results.GetValueOrDefault(BlockVerdict.Counted) * run.State.Parameters.Bytes.Length),
            Each("excluded_workers", false, "Workers whose results were disproved.", run => run.ExcludedWorkers.Count),
            Each("episodes_per_second", false, "Episodes per second since the run was started here, without the time in which it waited for workers.", run => run.EpisodesPerSecond),
            Each("query_loss", false, "Mean query loss of the latest iteration.", run => run.Metrics?.QueryLoss),
            Each("query_accuracy", false, "Mean query accuracy of the latest iteration, 0 to 1.", run => run.Metrics?.QueryAccuracyFraction),
            Each("validation_loss", false, "Mean query loss of the latest measurement on the validation classes.", run => run.Validation?.ValidationLoss),
            Each("validation_accuracy", false, "Mean query accuracy of the latest measurement on the validation classes, 0 to 1.", run => run.Validation?.ValidationAccuracyFraction),
            new("block_results", true, "Block results by verdict.", ["run", "verdict"], () => runs.Runs.SelectMany(run =>
                run.Results.Select(result => new MetricValue(result.Value, run.RunId.Value, result.Key.ToString())))),
            new("iteration_seconds", true, "What the iterations of a run took, by part; training does not wait for commits.", ["run", "part"], () => runs.Runs.SelectMany(run =>
                Parts(run.Counters.Times).Select(part => new MetricValue(part.Seconds, run.RunId.Value, part.Name)))),
        ];
    }

    private static MetricFamily[] OfWorkers(WorkerBoard workers) =>
    [
        new("workers", false, "Workers of this node.", ["ready"], () => workers.Workers.GroupBy(worker => worker.IsReady).Select(group =>
            new MetricValue(group.Count(), group.Key ? "true" : "false"))),
        new("worker_memory_bytes", false, "Memory of a worker's process.", ["worker"], () => workers.Workers.Select(worker => new MetricValue(worker.ProcessBytes, worker.WorkerId.Value))),
        new("worker_device_memory_bytes", false, "Memory of a worker's GPUs that is in use, by whomever.", ["worker"], () => workers.Workers.Where(worker => worker.DeviceBytes > 0).Select(worker =>
            new MetricValue(worker.DeviceBytes, worker.WorkerId.Value))),
        new("lane_seconds", true, "What the lanes of a worker did, by part; the share of compute is their utilisation.", ["worker", "part"], () => workers.Workers.SelectMany(worker =>
            Parts(worker.Times).Select(part => new MetricValue(part.Seconds, worker.WorkerId.Value, part.Name)))),
    ];

    private static (string Name, double Seconds)[] Parts(IterationTimes times) =>
        [("gradient", times.Gradient), ("reduce", times.Reduce), ("step", times.Step), ("sample", times.Sample), ("commit", times.Commit)];

    private static (string Name, double Seconds)[] Parts(LaneTimes times) =>
        [("idle", times.Idle), ("parameters", times.Parameters), ("data", times.Data), ("compute", times.Compute)];
}
