using System.Diagnostics;
using MetaMap.Cli.Options;
using MetaMap.Cli.Progress;
using MetaMap.Cli.Training;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Cli.Benchmarks;

/// <summary>Trains and measures a run, by the bare local loop or by a cluster on this machine.</summary>
/// <param name="options">The run.</param>
/// <param name="dataset">Its dataset.</param>
/// <param name="devices">Where it is computed.</param>
/// <param name="data">Folder with the dataset's files.</param>
internal sealed class BenchTraining(RunOptions options, IEpisodeDataset dataset, ComputeDevices devices, string? data)
{
    /// <summary>Iterations of which a rate can be taken.</summary>
    public const int LeastIterations = 4;

    /// <summary>Trains in this process without a cluster.</summary>
    /// <param name="meter">Takes the rate.</param>
    /// <param name="lanes">Blocks computed at once.</param>
    /// <param name="limit">Time after which it is enough; null for all iterations.</param>
    /// <param name="cancellation">Ends it without a result.</param>
    public BenchRun ByBareLoop(RateMeter meter, int lanes, TimeSpan? limit, CancellationToken cancellation)
    {
        MetaTraining training = new("bench", options, dataset.Catalog);
        using LocalMetaTrainer trainer = new(training, () => devices.NextLearner(options, dataset), lanes);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Stopwatch time = Stopwatch.StartNew();
        MetaState last = training.Begin(dataset);
        try
        {
            trainer.Train(last, OnCommitted, enough.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It was enough.
        }

        return new BenchRun(meter.EpisodesPerSecond, meter.Iterations, last.Parameters.Sha256);

        void OnCommitted(MetaState state, IterationMetrics metrics)
        {
            last = state;
            meter.Committed(state.Iteration);
            if (time.Elapsed > limit && state.Iteration >= LeastIterations)
            {
                enough.Cancel();
            }
        }
    }

    /// <summary>Trains by a coordinator in this process, and its workers.</summary>
    /// <param name="meter">Takes the rate.</param>
    /// <param name="progress">Is told who works.</param>
    /// <param name="workers">Worker processes; 0: a worker in this process.</param>
    /// <param name="lanes">Of each worker on the processor.</param>
    /// <param name="cancellation">Ends it without a result.</param>
    public async Task<BenchRun> ByCluster(RateMeter meter, BenchProgress progress, int workers, int lanes, CancellationToken cancellation)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("metamap-bench-");
        try
        {
            string run = Path.Combine(directory.FullName, "bench");
            TrainingPlan plan = new(new RunId("bench"), options, run, Resume: false, devices, dataset, data, workers, lanes, RunPolicy.Default, HttpPort: null);
            WorkerBoard board = new();
            RunSnapshot last = await LocalCluster.Train(plan, Begin, snapshots => Follow(snapshots, meter, () => board), cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            return new BenchRun(meter.EpisodesPerSecond, meter.Iterations, last.State.Parameters.Sha256) { Split = meter.Split };

            void Begin(string url, WorkerBoard workersThere)
            {
                board = workersThere;
                progress.Began(() => WorkerCount.Of(board.Workers));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<RunSnapshot> Follow(IAsyncEnumerable<RunSnapshot> snapshots, RateMeter meter, Func<WorkerBoard> board)
    {
        RunSnapshot last = null!;
        await foreach (RunSnapshot snapshot in snapshots.ConfigureAwait(false))
        {
            last = snapshot;
            meter.Committed(snapshot.State.Iteration, new TimeSplit(
                board().Workers.Aggregate(default(LaneTimes), (times, worker) => times + worker.Times), snapshot.Counters.Times, snapshot.State.Iteration));
        }

        return last;
    }
}
