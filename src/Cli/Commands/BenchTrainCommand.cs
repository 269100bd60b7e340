using System.Collections.Immutable;
using System.CommandLine;
using MetaMap.Cli.Benchmarks;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap bench train</c>: how fast known works are trained on this machine, whatever data it has.</summary>
internal static class BenchTrainCommand
{
    public static Command Create()
    {
        Command command = new("train",
            "Measures second-order MAML, 5-way 1-shot, on random images: one lane through graphs, one lane in the default way, and worker processes of one lane each, on one device. "
            + string.Join(" ", Work.All.Select(work => $"{work.Name}: {work.Description}.")));
        Option<string[]> works = Works();
        Option<int> repeats = BenchCommand.Repeats();
        Option<int> seconds = Seconds(12);
        Option<int?> block = BlockSize();
        Option<bool> json = CommonOptions.Json();
        command.Example("work A, once each way", "bench train --work A --repeats 1");
        command.Add(OptionGroups.Run, works, repeats, seconds, block);
        DeviceOptions devices = new(command);
        command.Add(OptionGroups.Output, json);
        command.SetAction(async (parsed, cancellation) =>
        {
            // One lane is one GPU: the others would only be used by some of the ways.
            ComputeDevices device = devices.Find(parsed).First;
            Reporter reporter = new(parsed.GetValue(json));
            foreach (Work work in Chosen(parsed.GetValue(works)))
            {
                WorkBench bench = new(work, device, parsed.GetValue(block), parsed.GetValue(seconds), cancellation);
                ImmutableArray<BenchResult> results = await bench.Measure(parsed.GetValue(repeats), reporter);
                Show(reporter, [.. results.Select(result => Row.Of(work, device.All[0].Description, result, results[0].Median))]);
                BenchCommand.RequireOneModel(results[..1]);
                BenchCommand.RequireOneModel(results[1..]);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    public static Option<string[]> Works() => new Option<string[]>("--work") { HelpName = "NAMES", Description = "Works, such as A,M; default: A,B." }.Check(names => Work.Read(names!));

    /// <summary>The works that were asked for.</summary>
    public static ImmutableArray<Work> Chosen(string[]? names) => Work.Read(names is { Length: > 0 } ? names : ["A", "B"]);

    public static Option<int> Seconds(int seconds)
    {
        Option<int> option = new("--seconds") { HelpName = "SECONDS", Description = "About how long each measurement takes; its first quarter, when not everything is warm, does not count.", DefaultValueFactory = _ => seconds };
        option.CheckAtLeast(1, "--seconds must be 1 or more.");
        return option;
    }

    public static Option<int?> BlockSize()
    {
        Option<int?> option = new("--block")
        {
            Description = $"Episodes of a block. Default: {Work.Block}; on a GPU, where they are computed side by side, {string.Join(", ", Work.All.Select(work => $"{work.GpuBlock} for {work.Name}"))}.",
        };
        option.CheckAtLeast(1, "--block must be 1 or more.");
        return option;
    }

    private static void Show(Reporter reporter, IReadOnlyCollection<Row> rows) => reporter.Rows(rows, "nothing was measured",
    [
        ("work", row => row.Work),
        ("trained by", row => row.TrainedBy),
        ("episodes/s (median)", row => Figures.Number(row.EpisodesPerSecond, 1)),
        ("least to most", row => $"{Figures.Number(row.Least, 1)} to {Figures.Number(row.Most, 1)}"),
        ("times the graphs", row => Figures.Number(row.TimesGraphs, 2)),
        ("MiB", row => row.PeakMib is { } mib ? Figures.Whole(mib) : "-"),
        .. rows.Any(row => row.GpuMib is not null) ? [("MiB on the GPU", row => row.GpuMib is { } mib ? Figures.Whole(mib) : "-")] : Array.Empty<(string, Func<Row, string>)>(),
        ("sha256 of the parameters", row => row.ModelSha256),
        ("device", row => row.Device),
    ]);

    /// <summary>One row of the result.</summary>
    /// <param name="Work">Letter of the work.</param>
    /// <param name="TrainedBy">How it was trained.</param>
    /// <param name="Device">Where it was computed.</param>
    /// <param name="EpisodesPerSecond">Median of the repeats.</param>
    /// <param name="Least">The slowest repeat.</param>
    /// <param name="Most">The fastest repeat.</param>
    /// <param name="TimesGraphs">The median over that of one lane through graphs.</param>
    /// <param name="Iterations">Meta-iterations of each repeat.</param>
    /// <param name="PeakMib">Most memory of a process that is one lane and nothing else.</param>
    /// <param name="GpuMib">Memory in use on the GPU when that lane was done.</param>
    /// <param name="ModelSha256">Hash of the trained parameters; all ways but the graphs share it.</param>
    internal sealed record Row(
        string Work, string TrainedBy, string Device, double EpisodesPerSecond, double Least, double Most, double TimesGraphs, int Iterations, int? PeakMib, int? GpuMib, string ModelSha256)
    {
        public static Row Of(Work work, string device, BenchResult result, double graphs) => new(
            work.Name, result.Name, device, Math.Round(result.Median, 2), Math.Round(result.Rates[0], 2), Math.Round(result.Rates[^1], 2), Math.Round(result.Median / graphs, 3),
            result.Runs[0].Iterations, result.Runs.Max(run => run.PeakMib), result.Runs.Max(run => run.GpuMib), result.Runs[0].ModelSha256);
    }
}
