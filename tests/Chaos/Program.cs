using System.CommandLine;
using System.Runtime.InteropServices;
using MetaMap.Chaos;
using MetaMap.Chaos.Links;
using MetaMap.Chaos.Schedule;

RootCommand root = new("Trains with real processes while nodes are killed, stopped, cut off and restarted, and shows that no bit is lost.");
Option<double> minutes = new("--minutes") { Description = "How long faults happen.", DefaultValueFactory = _ => 2 };
Option<long> seed = new("--seed") { Description = "All faults follow from it.", DefaultValueFactory = _ => 1 };
Option<int> coordinators = new("--coordinators") { Description = "1, or 3 with a store that they share.", DefaultValueFactory = _ => 1 };
Option<int> workers = new("--workers") { Description = "2 to 50.", DefaultValueFactory = _ => 3 };
Option<int?> iterations = new("--iterations") { Description = "Length of each run; one follows the other until the time is over. Default 300." };
Option<string?> store = new("--store") { Description = "The coordinators' store; default: a folder. {host} stands for this machine, as the nodes see it." };
Option<bool> netns = new("--netns") { Description = "Each node in a network namespace of its own, with partitions and slow links for all (Linux, root)." };
Option<bool> plan = new("--plan") { Description = "Only print the faults." };
Option<bool> json = new("--json") { Description = "One JSON object a line." };
Option<bool> keep = new("--keep") { Description = "Keep the folder with runs and logs after a pass, too." };
foreach (Option option in new Option[] { minutes, seed, coordinators, workers, iterations, store, netns, plan, json, keep })
{
    root.Add(option);
}

root.SetAction(async (parsed, cancellation) =>
{
    ChaosOptions options = new(TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(seed), parsed.GetValue(coordinators), parsed.GetValue(workers))
    {
        Store = parsed.GetValue(store),
        UsesNamespaces = parsed.GetValue(netns),
    };
    options = options with { Run = options.Run with { Iterations = parsed.GetValue(iterations) ?? options.Run.Iterations } };
    if (Refusal(options) is { } refusal)
    {
        await Console.Error.WriteLineAsync($"chaos: {refusal}");
        return 2;
    }

    ChaosReport report = new(Console.Out, parsed.GetValue(json));
    if (parsed.GetValue(plan))
    {
        await using ILinks links = options.UsesNamespaces ? await NamespaceLinks.Create() : new LoopbackLinks();
        foreach (Fault fault in ChaosSchedule.Draw(options.Seed, new ChaosPlan(options.Duration, options.Coordinators, options.Workers, links.Faults)))
        {
            report.Event(fault.At, fault.Kind.ToString().ToLowerInvariant(), fault.Node.ToString(), $"for {fault.Lasting.TotalSeconds:0.0} s");
        }

        return 0;
    }

    using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
    {
        signal.Cancel = true;
        stop.Cancel();
    });
    DirectoryInfo folder = Directory.CreateTempSubdirectory("metamap-chaos-");
    ChaosSummary summary = await new ChaosRun(options, report, folder.FullName).Execute(stop.Token);
    report.Summary(summary);
    if (summary.IsPassed && !parsed.GetValue(keep))
    {
        folder.Delete(recursive: true);
    }
    else
    {
        report.Note($"runs and logs: {folder.FullName}");
    }

    return summary.IsPassed ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();

static string? Refusal(ChaosOptions options) =>
    options.Duration <= TimeSpan.Zero ? "--minutes must be above 0."
    : options.Workers is < 2 or > 50 ? $"--workers is {options.Workers}, but it must be 2 to 50."
    : options.Coordinators is not (1 or 3) ? $"--coordinators is {options.Coordinators}, but it must be 1 or 3."
    : options.Coordinators == 3 && options.Store is null ? "--coordinators 3 needs a --store that they share."
    : options.UsesNamespaces && !(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess) ? "--netns needs Linux and root."
    : null;
