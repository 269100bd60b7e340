using System.CommandLine;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Worker;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap health</c>: exit code 0 when the node is ready, for container health checks.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        Command command = new("health", "Exit code 0 when the node is ready, 1 when it is not, 3 when it does not answer; for container health checks.");
        ClientOptions client = new(command);
        Option<string?> worker = new("--worker") { HelpName = "FILE", Description = "Check the worker on this machine that was started with this --health-file, not a coordinator." };
        command.Example("of the coordinator on this machine", "health");
        command.Example("of a worker that was started with --health-file /tmp/alive", "health --worker /tmp/alive");
        command.Add(OptionGroups.Cluster, worker);
        command.RefuseWith(worker, "a file on this machine is read and no coordinator is asked", client.All);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(worker) is { } file)
            {
                if (new HealthFile(file).Problem(TimeProvider.System.GetUtcNow()) is { } problem)
                {
                    throw new CommandFailedException(problem);
                }
            }
            else
            {
                using CoordinatorClient coordinator = client.Connect(parsed);
                await coordinator.Download("healthz/ready", cancellation);
            }

            Console.WriteLine("ready");
            return ExitCode.Ok;
        });
        return command;
    }
}
