using System.CommandLine;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Cli.Progress;
using MetaMap.Coordinator.Http;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap status</c>: the runs of a coordinator and who works for them, once or until Ctrl-C.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan _liveInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _plainInterval = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        Command command = new("status", "Shows the runs of a coordinator.");
        Option<bool> watch = new("--watch") { Description = "Show them again and again, until Ctrl-C." };
        ClientOptions client = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Example("of the coordinator on this machine", "status");
        command.Example("as they go on", "status --watch");
        command.Example("of another one", "status --url https://10.0.0.5:8080 --ca certs/ca.pem");
        command.Add(OptionGroups.Output, watch, json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using CoordinatorClient coordinator = client.Connect(parsed);
            Reporter reporter = new(parsed.GetValue(json));
            if (!parsed.GetValue(watch))
            {
                RunTable.Show(reporter, await coordinator.Get<RunBody[]>("api/runs", cancellation), reporter.IsTerminal ? await Workers(coordinator, cancellation) : null);
                return ExitCode.Ok;
            }

            using NodeLife life = new(parent: null, cancellation);
            try
            {
                await Watch(coordinator, reporter, life.Over);
            }
            catch (OperationCanceledException) when (life.IsOver)
            {
                // Ctrl-C is how it ends.
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task Watch(CoordinatorClient coordinator, Reporter reporter, CancellationToken over)
    {
        bool isLive = !reporter.IsJson && LiveScreen.IsPossible;
        RunBody[] runs = await coordinator.Get<RunBody[]>("api/runs", over).ConfigureAwait(false);
        WorkerCount workers = await Workers(coordinator, over).ConfigureAwait(false);
        Dictionary<string, string> shown = [];
        Task asking = Ask();
        await (isLive ? LiveScreen.While(asking, terminal => RunTable.Screen(runs, workers, terminal), keep: true) : asking).ConfigureAwait(false);

        async Task Ask()
        {
            using PeriodicTimer turn = new(isLive ? _liveInterval : _plainInterval);
            do
            {
                if (!isLive)
                {
                    WriteChanges();
                }

                runs = await coordinator.Get<RunBody[]>("api/runs", over).ConfigureAwait(false);
                workers = await Workers(coordinator, over).ConfigureAwait(false);
            }
            while (await turn.WaitForNextTickAsync(over).ConfigureAwait(false));
        }

        void WriteChanges()
        {
            foreach (RunBody run in runs)
            {
                string line = $"{run.RunId}  {run.Status}  {RunStanding.Of(run).Line(workers)}";
                if (shown.GetValueOrDefault(run.RunId) != line)
                {
                    shown[run.RunId] = line;
                    reporter.Event(run, line);
                }
            }
        }
    }

    private static async Task<WorkerCount> Workers(CoordinatorClient coordinator, CancellationToken cancellation) =>
        WorkerCount.Of(await coordinator.Get<WorkerBody[]>("api/workers", cancellation).ConfigureAwait(false));
}
