using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Http;
using MetaMap.Worker;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap status</c>: the runs of a coordinator at a glance.</summary>
internal static class StatusCommand
{
    public static Command Create() => RunTable.Command("status", "Shows the runs of a coordinator.");
}

/// <summary><c>metamap workers</c>: the workers of a coordinator.</summary>
internal static class WorkersCommand
{
    public static Command Create()
    {
        Command command = new("workers", "Shows the workers of a coordinator.");
        ClientOptions client = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Add(json);
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

/// <summary><c>metamap health</c>: exit code 0 when the node is ready, for container health checks.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        Command command = new("health", "Exit code 0 when the node is ready, 1 when it is not, 3 when it does not answer; for container health checks.");
        ClientOptions client = new(command);
        Option<string?> worker = new("--worker") { Description = "Check the worker on this machine that was started with this --health-file, not a coordinator." };
        command.Add(worker);
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

/// <summary>The table of runs that <c>status</c> and <c>run list</c> show.</summary>
internal static class RunTable
{
    public static Command Command(string name, string description)
    {
        Command command = new(name, description);
        ClientOptions client = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Add(json);
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
        ("problem", run => run.Problem ?? ""),
    ]);
}
