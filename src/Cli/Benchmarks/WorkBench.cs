using System.Collections.Immutable;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Benchmarks;

/// <summary>
/// Measures a work on one device: by one lane through graphs, by one lane in the default way, and by worker processes of such a
/// lane each. The first measurement of a way takes a given time, and all others take as many iterations, so that their models can be compared.
/// </summary>
internal sealed class WorkBench(Work work, ComputeDevices device, int? block, int seconds, CancellationToken cancellation)
{
    private readonly bool _isSideBySide = device.All[0].IsSideBySide;
    private readonly Dictionary<string, int> _iterations = [];

    /// <summary>Measures all ways in turns; those through graphs come first, the others give the same model.</summary>
    public Task<ImmutableArray<BenchResult>> Measure(int repeats, Reporter reporter)
    {
        RunOptions graphs = work.Options(RunOptions.Unbatched, Work.Block);
        RunOptions blocks = work.Options(RunOptions.Batched, block ?? (_isSideBySide ? work.GpuBlock : Work.Block));
        return BenchTurns.Take($"work {work.Name}",
        [
            new("one lane, graphs", _ => Lane(graphs)),
            new($"one lane, {(_isSideBySide ? "side by side" : "layer by layer")}", _ => Lane(blocks)),
            new("cluster, 1 worker process", progress => Cluster(progress, blocks, 1)),
            new("cluster, 2 worker processes", progress => Cluster(progress, blocks, 2)),
        ], repeats, reporter, TimeSpan.FromSeconds(seconds));
    }

    private async Task<BenchRun> Lane(RunOptions options)
    {
        bool isKnown = _iterations.ContainsKey(options.Batching);
        BenchRun run = await LaneProcess.Measure(isKnown ? Ending(options) : options, device, isKnown ? null : seconds, cancellation).ConfigureAwait(false);
        _iterations[options.Batching] = run.Iterations;
        return run;
    }

    private Task<BenchRun> Cluster(BenchProgress progress, RunOptions options, int workers) => new BenchTraining(Ending(options), options.OpenDataset(null), device, data: null)
        .ByCluster(new RateMeter(options.MetaBatch, progress), progress, workers, lanes: 1, cancellation);

    private RunOptions Ending(RunOptions options) => options.With(("iterations", _iterations[options.Batching]));
}
