using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Http;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap workers</c>: the workers of a coordinator.</summary>
internal static class WorkersCommand
{
    public static Command Create()
    {
        Command command = new("workers", "Shows the workers of a coordinator.");
        ClientOptions client = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Example("of the coordinator on this machine", "workers");
        command.Add(OptionGroups.Output, json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using CoordinatorClient coordinator = client.Connect(parsed);
            new Reporter(parsed.GetValue(json)).Rows(await coordinator.Get<WorkerBody[]>("api/workers", cancellation), "no workers",
            [
                ("worker", worker => worker.WorkerId),
                ("status", worker => worker.Status),
                ("lanes", worker => worker.Lanes.ToString(CultureInfo.InvariantCulture)),
                ("device", worker => worker.Device),
                ("convolutions", worker => worker.Kernels),
                ("blocks", worker => worker.CountedBlocks.ToString(CultureInfo.InvariantCulture)),
                ("episodes", worker => worker.CountedEpisodes.ToString(CultureInfo.InvariantCulture)),
                ("address", worker => worker.Address),
            ]);
            return ExitCode.Ok;
        });
        return command;
    }
}
