using System.Collections.Immutable;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Benchmarks;

/// <summary>
/// Measures what the cluster costs over a bare loop on one work, with as many lanes each: of this process, of a worker in this process, and
/// of worker processes of one lane each. The first measurement takes a given time, and all others take as many iterations.
/// </summary>
internal sealed class ClusterBench(Work work, ComputeDevices devices, int lanes, int? block, int seconds, CancellationToken cancellation)
{
    private readonly RunOptions _options = work.Options(RunOptions.Batched, block ?? (devices.All[0].IsSideBySide ? work.GpuBlock : Work.Block));
    private int? _iterations;

    /// <summary>Episodes of an iteration.</summary>
    public int MetaBatch => _options.MetaBatch;

    /// <summary>Measures all ways in turns; all give the same model.</summary>
    public Task<ImmutableArray<BenchResult>> Measure(int repeats, Reporter reporter) => BenchTurns.Take($"work {work.Name}",
    [
        new("bare loop", progress => Task.FromResult(BareLoop(progress))),
        new("cluster, worker in the process", progress => Cluster(progress, 0, lanes)),
        new(lanes == 1 ? "cluster, 1 worker process" : $"cluster, {lanes} worker processes", progress => Cluster(progress, lanes, 1)),
    ], repeats, reporter, TimeSpan.FromSeconds(seconds));

    private BenchRun BareLoop(BenchProgress progress)
    {
        BenchRun run = Training().ByBareLoop(new RateMeter(MetaBatch, progress), devices.Lanes(lanes), _iterations is null ? TimeSpan.FromSeconds(seconds) : null, cancellation);
        _iterations ??= run.Iterations;
        return run;
    }

    private Task<BenchRun> Cluster(BenchProgress progress, int workers, int lanesOfEach) =>
        Training().ByCluster(new RateMeter(MetaBatch, progress), progress, workers, lanesOfEach, cancellation);

    private BenchTraining Training()
    {
        RunOptions ending = _iterations is { } iterations ? _options.With(("iterations", iterations)) : _options;
        return new BenchTraining(ending, ending.OpenDataset(null), devices, data: null);
    }
}
