using System.Collections.Immutable;
using System.CommandLine;
using MetaMap.Cli.Benchmarks;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Core;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Commands;

/// <summary>
/// <c>metamap bench</c>: trains the same run by the bare local loop, by a cluster in one process, and by a cluster of worker
/// processes, in turn; shows median episodes per second, and the hash that all must share.
/// </summary>
internal static class BenchCommand
{
    private const int WarmIterations = 5;
    private const int LeastIterations = 10;

    public static Command Create()
    {
        Command command = new("bench", "Measures what the cluster costs over a bare loop, for the run that the options describe.");
        Option<string?> data = CommonOptions.Data();
        Option<int> repeats = Repeats();
        Option<int> lanes = CommonOptions.Threads("Lanes in all: threads of one process, or worker processes of one lane each.");
        Option<bool> json = CommonOptions.Json();
        command.Example("60 iterations of the default run, three times each way", "bench --iterations 60");
        command.Add(OptionGroups.Data, data);
        command.Add(OptionGroups.Run, repeats);
        command.Add(OptionGroups.Computing, lanes);
        DeviceOptions deviceOptions = new(command);
        command.Add(OptionGroups.Output, json);
        // It measures rates, not models.
        RunOptionSet runOptions = new(command, RunOptionSet.OfClusters);
        command.Add(BenchTrainCommand.Create());
        command.Add(BenchClusterCommand.Create());
        command.Add(BenchLaneCommand.Create());
        command.SetAction(async (parsed, cancellation) =>
        {
            RunOptions options = runOptions.Read(parsed);
            if (options.Iterations < LeastIterations)
            {
                throw new ConfigurationException($"--iterations is {options.Iterations}, but it must be {LeastIterations} or more: the rate is measured from the fifth on.");
            }

            ComputeDevices devices = deviceOptions.Find(parsed);
            BenchTraining training = new(options, CommonOptions.OpenDataset(options, parsed.GetValue(data)), devices, parsed.GetValue(data));
            Reporter reporter = new(parsed.GetValue(json));
            ImmutableArray<BenchResult> results = await BenchTurns.Take("bench", Ways(training, devices, options, parsed.GetValue(lanes), cancellation), parsed.GetValue(repeats), reporter);
            reporter.Rows(
                [.. results.Select(result => new Measurement(result.Name, Math.Round(result.Median, 2), result.Median / results[0].Median, result.Runs[0].ModelSha256))],
                "nothing was measured",
            [
                ("trained by", row => row.TrainedBy),
                ("episodes/s (median)", row => Figures.Number(row.EpisodesPerSecond, 1)),
                ("of the bare loop", row => Figures.Percent(row.OfBareLoop)),
                ("sha256 of the parameters", row => row.ModelSha256),
            ]);
            RequireOneModel(results);
            return ExitCode.Ok;
        });
        return command;
    }

    public static Option<int> Repeats()
    {
        Option<int> repeats = new("--repeats") { Description = "Rounds of measurement; medians are shown.", DefaultValueFactory = _ => 3 };
        repeats.CheckAtLeast(1, "--repeats must be 1 or more.");
        return repeats;
    }

    /// <exception cref="CommandFailedException">The ways of training gave different bits.</exception>
    public static void RequireOneModel(IEnumerable<BenchResult> results)
    {
        if (results.SelectMany(result => result.Runs).Select(run => run.ModelSha256).Distinct().Count() > 1)
        {
            throw new CommandFailedException("The models differ; they must have the same bits.");
        }
    }

    private static ImmutableArray<BenchWay> Ways(BenchTraining training, ComputeDevices devices, RunOptions options, int lanes, CancellationToken cancellation)
    {
        RateMeter Meter(BenchProgress progress) => new(options.MetaBatch, progress, WarmIterations);
        return
        [
            new("bare loop", progress => Task.FromResult(training.ByBareLoop(Meter(progress), devices.Lanes(lanes), limit: null, cancellation))),
            new("cluster, worker in the process", progress => training.ByCluster(Meter(progress), progress, workers: 0, lanes, cancellation)),
            new(lanes == 1 ? "cluster, 1 worker process" : $"cluster, {lanes} worker processes", progress => training.ByCluster(Meter(progress), progress, workers: lanes, 1, cancellation)),
        ];
    }

    /// <summary>One row of the result.</summary>
    /// <param name="TrainedBy">How it was trained.</param>
    /// <param name="EpisodesPerSecond">Median, from the fifth commit to the last.</param>
    /// <param name="OfBareLoop">Share of the bare loop's rate.</param>
    /// <param name="ModelSha256">Hash of the trained parameters.</param>
    internal sealed record Measurement(string TrainedBy, double EpisodesPerSecond, double OfBareLoop, string ModelSha256);
}
