using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Cli.Progress;
using MetaMap.Coordinator.Http;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MetaMap.Cli.Commands;

/// <summary>Runs as <c>status</c>, <c>run list</c> and the orders to runs show them.</summary>
internal static class RunTable
{
    private const string Legend = "accuracies: of query sets, transductive; of test classes: `metamap evaluate`";

    public static Command Command(string name, string description)
    {
        Command command = new(name, description);
        ClientOptions client = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Example("of the coordinator on this machine", $"run {name}");
        command.Example("of another one", $"run {name} --url https://10.0.0.5:8080 --ca certs/ca.pem");
        command.Add(OptionGroups.Output, json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using CoordinatorClient coordinator = client.Connect(parsed);
            Show(new Reporter(parsed.GetValue(json)), await coordinator.Get<RunBody[]>("api/runs", cancellation));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Shows runs, and on a terminal who works.</summary>
    public static void Show(Reporter reporter, IReadOnlyCollection<RunBody> runs, WorkerCount? workers = null)
    {
        if (reporter.IsTerminal && runs.Count > 0)
        {
            AnsiConsole.Write(Screen(runs, workers, AnsiConsole.Profile));
            return;
        }

        reporter.Rows(runs, "no runs",
        [
            ("run", run => run.RunId),
            ("status", run => run.Status),
            ("iteration", run => $"{run.Iteration}/{run.Iterations}"),
            ("loss", run => run.QueryLoss?.ToString("F4", CultureInfo.InvariantCulture) ?? "-"),
            ("training accuracy", run => Percent(run.QueryAccuracy)),
            ("validation accuracy", run => Percent(run.ValidationAccuracy)),
            ("episodes/s", run => run.Status == "training" ? run.EpisodesPerSecond.ToString("F1", CultureInfo.InvariantCulture) : "-"),
            ("left", run => RunStanding.Of(run).Left is { } left ? RunStanding.Time(left) : "-"),
            .. runs.Any(run => run.Data is not null) ? [("data", run => run.Data ?? "")] : Array.Empty<(string, Func<RunBody, string>)>(),
            ("problem", run => run.Problem ?? ""),
        ]);
    }

    /// <summary>Runs on a terminal, those that are trained last, where they stay visible.</summary>
    public static IRenderable Screen(IReadOnlyCollection<RunBody> runs, WorkerCount? workers, Profile terminal)
    {
        IRenderable screen = RunScreen.Of(runs.Select(RunStanding.Of).OrderBy(run => run.IsTraining), workers, terminal);
        return runs.Any(run => run.QueryAccuracy is not null && run.Options.Supervised is null) ? new Rows(screen, new Markup($"[grey]{OwnName.In(Legend)}[/]")) : screen;
    }

    private static string Percent(double? accuracy) => accuracy is { } fraction ? Figures.Percent(fraction) : "-";
}
