using System.Text;
using Prometheus;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>
/// Numbers as Prometheus reads them, each as the counter or gauge that it is, and those of the process. Every answer has what is there now: a run that was
/// deleted is gone from the next. prometheus-net's own adapter for meters makes gauges of observed counters, and keeps what is gone for five minutes.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Creates it.</summary>
    /// <param name="families">What is shown.</param>
    public PrometheusText(IEnumerable<MetricFamily> families)
    {
        MetricFactory factory = Metrics.WithCustomRegistry(_registry);
        DotNetStats.Register(_registry);
        foreach (MetricFamily family in families)
        {
            string[] labels = [.. family.Labels];
            if (family.IsCounter)
            {
                Counter counter = factory.CreateCounter($"metamap_{family.Name}_total", family.Help, labels);
                _registry.AddBeforeCollectCallback(() => Show(family, counter, (child, value) => child.IncTo(value)));
            }
            else
            {
                Gauge gauge = factory.CreateGauge($"metamap_{family.Name}", family.Help, labels);
                _registry.AddBeforeCollectCallback(() => Show(family, gauge, (child, value) => child.Set(value)));
            }
        }
    }

    /// <summary>All numbers now.</summary>
    public async Task<string> Write(CancellationToken cancellation)
    {
        using MemoryStream text = new();
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _registry.CollectAndExportAsTextAsync(text, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private static void Show<T>(MetricFamily family, Collector<T> collector, Action<T, double> set) where T : ChildBase
    {
        foreach (string[] old in collector.GetAllLabelValues().ToArray())
        {
            collector.RemoveLabelled(old);
        }

        foreach (MetricValue value in family.Read())
        {
            set(collector.WithLabels(value.Labels), value.Value);
        }
    }
}
