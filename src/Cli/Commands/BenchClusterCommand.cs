using System.Collections.Immutable;
using System.CommandLine;
using MetaMap.Cli.Benchmarks;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap bench cluster</c>: what the cluster costs over a bare loop on known works, and where the time goes.</summary>
internal static class BenchClusterCommand
{
    public static Command Create()
    {
        Command command = new("cluster",
            "Measures what the cluster costs over a bare loop on the works of bench train, and where the time goes: of the lanes' time the shares of computing, "
            + "loading data, waiting for parameters and waiting for a lease; of an iteration the milliseconds of the last gradient's transfer, of adding up, step, "
            + "drawing the next episodes, and the commit in the background.");
        Option<string[]> works = BenchTrainCommand.Works();
        Option<int> repeats = BenchCommand.Repeats();
        Option<int> seconds = BenchTrainCommand.Seconds(60);
        Option<int?> block = BenchTrainCommand.BlockSize();
        Option<int> lanes = CommonOptions.Threads("Lanes in all: threads of one process, or worker processes of one lane each.");
        Option<bool> json = CommonOptions.Json();
        command.Example("work A, ten seconds each way", "bench cluster --work A --seconds 10 --repeats 1");
        command.Add(OptionGroups.Run, works, repeats, seconds, block);
        command.Add(OptionGroups.Computing, lanes);
        DeviceOptions deviceOptions = new(command, lanes);
        command.Add(OptionGroups.Output, json);
        command.SetAction(async (parsed, cancellation) =>
        {
            ComputeDevices devices = deviceOptions.Find(parsed);
            Reporter reporter = new(parsed.GetValue(json));
            foreach (Work work in BenchTrainCommand.Chosen(parsed.GetValue(works)))
            {
                ClusterBench bench = new(work, devices, devices.Lanes(parsed.GetValue(lanes)), parsed.GetValue(block), parsed.GetValue(seconds), cancellation);
                ImmutableArray<BenchResult> results = await bench.Measure(parsed.GetValue(repeats), reporter);
                Show(reporter, [.. results.Select(result => Row.Of(work.Name, result, results[0].Median, bench.MetaBatch))]);
                BenchCommand.RequireOneModel(results);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(Reporter reporter, IReadOnlyCollection<Row> rows) => reporter.Rows(rows, "nothing was measured",
    [
        ("work", row => row.Work),
        ("trained by", row => row.TrainedBy),
        ("episodes/s (median)", row => Figures.Number(row.EpisodesPerSecond, 1)),
        ("of the bare loop", row => Figures.Percent(row.OfBareLoop)),
        ("compute", row => Share(row.Compute)),
        ("data", row => Share(row.Data)),
        ("parameters", row => Share(row.Parameters)),
        ("idle", row => Share(row.Idle)),
        ("gradient ms", row => Milliseconds(row.GradientMs)),
        ("reduce ms", row => Milliseconds(row.ReduceMs)),
        ("step ms", row => Milliseconds(row.StepMs)),
        ("sample ms", row => Milliseconds(row.SampleMs)),
        ("commit ms", row => Milliseconds(row.CommitMs)),
        ("iteration ms", row => Milliseconds(row.IterationMs)),
    ]);

    private static string Share(double? share) => share is { } value ? Figures.Percent(value) : "-";

    private static string Milliseconds(double? time) => time is { } value ? Figures.Number(value, 2) : "-";

    /// <summary>One row of the result; where the time went is that of the last repeat, and known of a cluster only.</summary>
    /// <param name="Work">Letter of the work.</param>
    /// <param name="TrainedBy">How it was trained.</param>
    /// <param name="EpisodesPerSecond">Median of the repeats.</param>
    /// <param name="OfBareLoop">Share of the bare loop's rate.</param>
    /// <param name="Compute">Share of the lanes' time in which they computed.</param>
    /// <param name="Data">In which they loaded episodes.</param>
    /// <param name="Parameters">In which they had a lease and waited for its parameters.</param>
    /// <param name="Idle">In which they had no lease.</param>
    /// <param name="GradientMs">Of an iteration, milliseconds from the last answer to the last gradient.</param>
    /// <param name="ReduceMs">Judging and adding the blocks.</param>
    /// <param name="StepMs">The meta-optimiser's step.</param>
    /// <param name="SampleMs">Drawing the next episodes.</param>
    /// <param name="CommitMs">Commits, in the background.</param>
    /// <param name="IterationMs">The whole iteration.</param>
    /// <param name="ModelSha256">Hash of the trained parameters, the same for all.</param>
    internal sealed record Row(
        string Work, string TrainedBy, double EpisodesPerSecond, double OfBareLoop, double? Compute, double? Data, double? Parameters, double? Idle,
        double? GradientMs, double? ReduceMs, double? StepMs, double? SampleMs, double? CommitMs, double IterationMs, string ModelSha256)
    {
        public static Row Of(string work, BenchResult result, double bareLoop, int episodes)
        {
            BenchRun last = result.Runs[^1];
            return new(
                work, result.Name, Math.Round(result.Median, 2), Math.Round(result.Median / bareLoop, 4),
                Of(split => split.Lanes.Compute / split.Lanes.Total), Of(split => split.Lanes.Data / split.Lanes.Total),
                Of(split => split.Lanes.Parameters / split.Lanes.Total), Of(split => split.Lanes.Idle / split.Lanes.Total),
                Of(split => 1000 * split.Parts.Gradient / split.Iterations), Of(split => 1000 * split.Parts.Reduce / split.Iterations),
                Of(split => 1000 * split.Parts.Step / split.Iterations), Of(split => 1000 * split.Parts.Sample / split.Iterations),
                Of(split => 1000 * split.Parts.Commit / split.Iterations), Math.Round(1000 * episodes / last.EpisodesPerSecond, 2), last.ModelSha256);

            double? Of(Func<TimeSplit, double> part) => last.Split is { } split && part(split) is var value && double.IsFinite(value) ? Math.Round(value, 4) : null;
        }
    }
}
