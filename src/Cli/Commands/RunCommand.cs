using System.CommandLine;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Http;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap run start|list|status|stop</c>: the runs of a coordinator.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Command command = new("run", "Starts, lists and stops runs of a coordinator.");
        command.Add(Start());
        command.Add(RunTable.Command("list", "Lists the runs of a coordinator."));
        command.Add(WithName("status", "Shows one run.", (client, name, cancellation) => client.Get<RunBody>($"api/runs/{Uri.EscapeDataString(name)}", cancellation)));
        command.Add(WithName("stop", "Writes a checkpoint and stops a run.",
            (client, name, cancellation) => client.Post<RunBody>($"api/runs/{Uri.EscapeDataString(name)}/stop", null, cancellation)));
        return command;
    }

    private static Command Start()
    {
        Command command = new("start", "Starts a run on a coordinator.");
        RunOptionSet options = new(command);
        Option<string?> name = new("--name") { Description = "Name of the run; default: made from its options and the time." };
        ClientOptions client = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Add(name);
        command.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using CoordinatorClient coordinator = client.Connect(parsed);
            StartRunBody body = new(parsed.GetValue(name), options.Read(parsed));
            RunTable.Show(new Reporter(parsed.GetValue(json)), [await coordinator.Post<RunBody>("api/runs", body, cancellation)]);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command WithName(string verb, string description, Func<CoordinatorClient, string, CancellationToken, Task<RunBody>> call)
    {
        Command command = new(verb, description);
        Argument<string> name = new("name") { Description = "Name of the run." };
        ClientOptions client = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Add(name);
        command.Add(json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using CoordinatorClient coordinator = client.Connect(parsed);
            RunTable.Show(new Reporter(parsed.GetValue(json)), [await call(coordinator, parsed.GetValue(name)!, cancellation)]);
            return ExitCode.Ok;
        });
        return command;
    }
}
