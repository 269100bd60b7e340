using System.CommandLine;
using System.Diagnostics;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Cli.Training;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Cli.Commands;

/// <summary>
/// <c>metamap bench</c>: trains the same run by the bare local loop, by a cluster in one process, and by a cluster of worker
/// processes, in turn; shows median episodes per second, and the hash that all must share.
/// </summary>
internal static class BenchCommand
{
    private const int LeastIterations = 10;

    public static Command Create()
    {
        Command command = new("bench", "Measures what the cluster costs over a bare loop, for the run that the options describe.");
        Option<string?> data = CommonOptions.Data();
        Option<int> repeats = new("--repeats") { Description = "Rounds of measurement; medians are shown.", DefaultValueFactory = _ => 3 };
        Option<int> lanes = CommonOptions.Threads("Lanes in all: threads of one process, or worker processes of one lane each.");
        Option<bool> json = CommonOptions.Json();
        foreach (Option option in new Option[] { data, repeats, lanes, json })
        {
            command.Add(option);
        }

        DeviceOptions deviceOptions = new(command);
        RunOptionSet runOptions = new(command);
        repeats.CheckAtLeast(1, "--repeats and --threads must be 1 or more.");
        lanes.CheckAtLeast(1, "--repeats and --threads must be 1 or more.");
        command.SetAction(async (parsed, cancellation) =>
        {
            RunOptions options = runOptions.Read(parsed);
            if (options.Iterations < LeastIterations)
            {
                throw new ConfigurationException($"--iterations is {options.Iterations}, but it must be {LeastIterations} or more: the rate is measured from the fifth on.");
            }

            IEpisodeDataset dataset = CommonOptions.OpenDataset(options, parsed.GetValue(data));
            ComputeDevices devices = deviceOptions.Find(parsed);
            IReadOnlyList<Measurement> rows = await Measure(
                options, dataset, devices, parsed.GetValue(data), parsed.GetValue(lanes), parsed.GetValue(repeats), cancellation);
            new Reporter(parsed.GetValue(json)).Rows(rows, "nothing was measured",
            [
                ("trained by", row => row.TrainedBy),
                ("episodes/s (median)", row => Figures.Number(row.EpisodesPerSecond, 1)),
                ("of the bare loop", row => Figures.Percent(row.OfBareLoop)),
                ("model sha256", row => row.ModelSha256),
            ]);
            return rows.Select(row => row.ModelSha256).Distinct().Count() == 1
                ? ExitCode.Ok
                : throw new CommandFailedException("The models differ; they must have the same bits.");
        });
        return command;
    }

    private static async Task<IReadOnlyList<Measurement>> Measure(
        RunOptions options, IEpisodeDataset dataset, ComputeDevices devices, string? data, int lanes, int repeats, CancellationToken cancellation)
    {
        (string Name, Func<Task<(double Rate, string Sha256)>> Run)[] ways =
        [
            ("bare loop", () => Task.FromResult(BareLoop(options, dataset, devices, lanes, cancellation))),
            ("cluster, worker in the process", () => Cluster(options, dataset, devices, data, workers: 0, lanes, cancellation)),
            ($"cluster, {lanes} worker processes", () => Cluster(options, dataset, devices, data, workers: lanes, 1, cancellation)),
        ];
        List<(double Rate, string Sha256)>[] results = [.. ways.Select(_ => new List<(double, string)>())];
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            for (int i = 0; i < ways.Length; i++)
            {
                results[i].Add(await ways[i].Run().ConfigureAwait(false));
            }
        }

        double[] medians = [.. results.Select(rates => rates.Select(result => result.Rate).Order().ElementAt(rates.Count / 2))];
        return [.. ways.Select((way, i) => new Measurement(way.Name, Math.Round(medians[i], 2), medians[i] / medians[0], results[i][0].Sha256))];
    }

    private static (double Rate, string Sha256) BareLoop(RunOptions options, IEpisodeDataset dataset, ComputeDevices devices, int lanes, CancellationToken cancellation)
    {
        MetaTraining training = new("bench", options, dataset.Catalog);
        using LocalMetaTrainer trainer = new(training, () => devices.NextLearner(options, dataset), devices.Lanes(lanes));
        RateMeter meter = new();
        MetaState last = trainer.Train(training.Begin(), (state, _) => meter.Committed(state.Iteration), cancellation);
        return (meter.EpisodesPerSecond(options), last.Parameters.Sha256);
    }

    private static async Task<(double Rate, string Sha256)> Cluster(
        RunOptions options, IEpisodeDataset dataset, ComputeDevices devices, string? data, int workers, int lanes, CancellationToken cancellation)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("metamap-bench-");
        try
        {
            string run = Path.Combine(directory.FullName, "bench");
            RateMeter meter = new();
            TrainingPlan plan = new(new RunId("bench"), options, run, Resume: false, devices, dataset, data, workers, lanes, RunPolicy.Default, HttpPort: 8080);
            RunSnapshot last = await LocalCluster.Train(plan, _ => { }, snapshots => Follow(snapshots, meter), cancellation).ConfigureAwait(false);
            return (meter.EpisodesPerSecond(options), last.State.Parameters.Sha256);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<RunSnapshot> Follow(IAsyncEnumerable<RunSnapshot> snapshots, RateMeter meter)
    {
        RunSnapshot last = null!;
        await foreach (RunSnapshot snapshot in snapshots.ConfigureAwait(false))
        {
            last = snapshot;
            meter.Committed(snapshot.State.Iteration);
        }

        return last;
    }

    /// <summary>One row of the result.</summary>
    /// <param name="TrainedBy">How it was trained.</param>
    /// <param name="EpisodesPerSecond">Median, from the fifth commit to the last.</param>
    /// <param name="OfBareLoop">Share of the bare loop's rate.</param>
    /// <param name="ModelSha256">Hash of the trained parameters.</param>
    internal sealed record Measurement(string TrainedBy, double EpisodesPerSecond, double OfBareLoop, string ModelSha256);

    /// <summary>Rate between the fifth commit (everything is warm) and the last.</summary>
    private sealed class RateMeter
    {
        private const int WarmIterations = 5;

        private long _start;
        private long _end;

        private int _newest;

        public void Committed(int iteration)
        {
            if (iteration > _newest)
            {
                _newest = iteration;
                _end = Stopwatch.GetTimestamp();
                _start = iteration <= WarmIterations ? _end : _start;
            }
        }

        public double EpisodesPerSecond(RunOptions options) => (options.Iterations - WarmIterations) * (double)options.MetaBatch
            / Stopwatch.GetElapsedTime(_start, _end).TotalSeconds;
    }
}
