using System.CommandLine;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Coordinator.Http;
using MetaMap.Core;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap run start|list|status|pause|resume|stop|delete|audit</c>: the runs of a coordinator.</summary>
internal static class RunsCommand
{
    public static Command Create()
    {
        Command command = new("run", "Starts, lists, pauses, resumes, stops, deletes and audits runs of a coordinator.");
        command.Add(Start());
        command.Add(RunTable.Command("list", "Lists the runs of a coordinator."));
        command.Add(WithName("status", "Shows one run.", async (coordinator, name, reporter, cancellation) =>
            RunTable.Show(reporter, [await coordinator.Get<RunBody>(RunUrl.Of(name), cancellation)])));
        command.Add(Order("pause", "Commits what is complete and pauses a run until it is resumed."));
        command.Add(Order("resume", "Lets a paused, stopped or failed run go on from its last commit."));
        command.Add(Order("stop", "Commits what is complete and stops a run."));
        command.Add(Delete());
        command.Add(RunAuditCommand.Create());
        return command;
    }

    private static Command Start()
    {
        Command command = new("start", "Starts a run on a coordinator.");
        RunOptionSet options = new(command, RunOptionSet.OfClusters);
        Option<string?> name = new("--name") { HelpName = "NAME", Description = "Name of the run; default: made from its options and the time." };
        Option<string?> data = new("--data") { HelpName = "PATH", Description = "The run's data: a file or folder in the folder that the coordinator and each worker were given with their --data, by its path from there. Default: all of that." };
        Option<string?> init = CommonOptions.Init();
        Option<double> weight = new("--weight") { Description = "How much of the workers the run gets beside others, 0.001 to 1000: with 2 twice as much as a run with 1.", DefaultValueFactory = _ => RunPolicy.Default.Weight };
        Option<int> minWorkers = CommonOptions.MinWorkers();
        Option<double> audit = new("--audit") { Description = "Share of the blocks, 0 to 1, that a second worker computes again to compare bits.", DefaultValueFactory = _ => RunPolicy.Default.AuditFraction };
        weight.ReadStrictly().Check(share => (RunPolicy.Default with { Weight = share }).Validate());
        audit.ReadStrictly().Check(fraction => (RunPolicy.Default with { AuditFraction = fraction }).Validate());
        ClientOptions client = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Example("one more run, with the coordinator on this machine", "run start --ways 20 --iterations 1000");
        command.Example("of data in the folder that all nodes were given", "run start --dataset text --data intents.csv --shots 5");
        command.Add(OptionGroups.Run, name, init);
        command.Add(OptionGroups.Data, data);
        command.Add(OptionGroups.Cluster, weight, minWorkers, audit);
        command.Add(OptionGroups.Output, json);

        command.SetAction(async (parsed, cancellation) =>
        {
            StartingPoint? start = parsed.GetValue(init) is { } path ? StartingPoint.Read(path) : null;
            (RunOptions chosen, string? notice) = options.Read(parsed, start);
            if (notice is not null)
            {
                Notice.Say(notice);
            }

            using CoordinatorClient coordinator = client.Connect(parsed);
            RunPolicy policy = new(parsed.GetValue(weight), parsed.GetValue(minWorkers), parsed.GetValue(audit));
            StartRunBody body = new(parsed.GetValue(name), RunOptionsJson.Values(chosen), policy, start is null ? null : await File.ReadAllBytesAsync(parsed.GetValue(init)!, cancellation), parsed.GetValue(data));
            RunBody run = await coordinator.Post<RunBody>(start is null ? "api/runs" : "api/runs/init", body, cancellation);
            if (run.Start is { } taken)
            {
                Notice.Say(taken);
            }

            RunTable.Show(new Reporter(parsed.GetValue(json)), [run]);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Delete()
    {
        Option<bool> yes = new("--yes", "-y") { Description = "Delete without asking." };
        Command command = WithName("delete", "Stops a run if need be, and deletes everything that was stored of it.", async (parsed, coordinator, name, reporter, cancellation) =>
        {
            string address = RunUrl.Of(name);
            if (!parsed.GetValue(yes) && !IsConfirmed(name))
            {
                throw new ConfigurationException($"Run {name} is not deleted; --yes deletes it without asking.");
            }

            await coordinator.Delete(address, cancellation);
            reporter.Event(new { Event = "deleted", RunId = name }, $"run {name} is deleted");
        });
        command.Add(OptionGroups.Run, yes);
        return command;
    }

    private static bool IsConfirmed(string name)
    {
        if (Console.IsInputRedirected)
        {
            return false;
        }

        Console.Error.Write($"metamap: delete run {name} with its model and everything else that is stored of it? [y/N] ");
        return Console.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }

    private static Command Order(string verb, string description) => WithName(verb, description, async (coordinator, name, reporter, cancellation) =>
        RunTable.Show(reporter, [await coordinator.Post<RunBody>($"{RunUrl.Of(name)}/{verb}", null, cancellation)]));

    private static Command WithName(string verb, string description, Func<CoordinatorClient, string, Reporter, CancellationToken, Task> act) =>
        WithName(verb, description, (_, coordinator, name, reporter, cancellation) => act(coordinator, name, reporter, cancellation));

    private static Command WithName(string verb, string description, Func<ParseResult, CoordinatorClient, string, Reporter, CancellationToken, Task> act)
    {
        Command command = new(verb, description);
        Argument<string> name = new("name") { Description = "Name of the run." };
        ClientOptions client = new(command);
        Option<bool> json = CommonOptions.Json();
        command.Example(verb == "status" ? "how far it is" : "by its name, as run list shows it", $"run {verb} NAME");
        command.Add(name);
        command.Add(OptionGroups.Output, json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using CoordinatorClient coordinator = client.Connect(parsed);
            await act(parsed, coordinator, parsed.GetValue(name)!, new Reporter(parsed.GetValue(json)), cancellation);
            return ExitCode.Ok;
        });
        return command;
    }
}
