using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Http;

namespace MetaMap.Cli.Commands;

/// <summary>The table of runs that <c>status</c> and <c>run list</c> show.</summary>
internal static class RunTable
{
    public static Command Command(string name, string description)
    {
        Command command = new(name, description);
        ClientOptions client = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Example("of the coordinator on this machine", name == "status" ? "status" : $"run {name}");
        command.Example("of another one", $"{(name == "status" ? "status" : $"run {name}")} --url https://10.0.0.5:8080 --ca certs/ca.pem");
        command.Add(OptionGroups.Output, json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using CoordinatorClient coordinator = client.Connect(parsed);
            Show(new Reporter(parsed.GetValue(json)), await coordinator.Get<RunBody[]>("api/runs", cancellation));
            return ExitCode.Ok;
        });
        return command;
    }

    public static void Show(Reporter reporter, IReadOnlyCollection<RunBody> runs) => reporter.Rows(runs, "no runs",
    [
        ("run", run => run.RunId),
        ("status", run => run.Status),
        ("iteration", run => $"{run.Iteration}/{run.Iterations}"),
        ("loss", run => run.QueryLoss?.ToString("F4", CultureInfo.InvariantCulture) ?? "-"),
        ("accuracy", run => run.QueryAccuracy is { } accuracy ? Figures.Percent(accuracy) : "-"),
        ("episodes/s", run => run.EpisodesPerSecond.ToString("F1", CultureInfo.InvariantCulture)),
        .. runs.Any(run => run.Data is not null) ? [("data", run => run.Data ?? "")] : Array.Empty<(string, Func<RunBody, string>)>(),
        ("problem", run => run.Problem ?? ""),
    ]);
}
