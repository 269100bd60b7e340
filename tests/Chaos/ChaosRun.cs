using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Chaos.Links;
using MetaMap.Chaos.Nodes;
using MetaMap.Chaos.Runs;
using MetaMap.Chaos.Schedule;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;

namespace MetaMap.Chaos;

/// <summary>
/// One chaos run: real coordinators and workers train the same run again and again while the schedule's faults happen;
/// then all is healed, the last run must finish, and every version seen must have the bits of an undisturbed run.
/// </summary>
/// <param name="options">What is asked for.</param>
/// <param name="report">Hears of events.</param>
/// <param name="folder">For runs and logs.</param>
internal sealed class ChaosRun(ChaosOptions options, ChaosReport report, string folder)
{
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly Dictionary<FaultKind, int> _faults = [];
    private readonly List<string> _problems = [];
    private long _startedAt;
    private int _begun;
    private int _finished;

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    private string RunName => string.Create(CultureInfo.InvariantCulture, $"chaos-{_begun}");

    private string RunsFolder => Path.Combine(folder, "runs");

    /// <summary>Does it all.</summary>
    /// <param name="cancellation">Ends it early; then nothing is proved.</param>
    public async Task<ChaosSummary> Execute(CancellationToken cancellation)
    {
        report.Note($"training {options.Run.Iterations} iterations without any cluster, for the bits to expect ...");
        Oracle oracle = await Task.Run(() => Oracle.Train(options.Run), cancellation);
        ILinks links = options.UsesNamespaces ? await NamespaceLinks.Create() : new LoopbackLinks();
        string config = Path.Combine(folder, "config.json");
        await File.WriteAllTextAsync(config, RunOptionsJson.Write(options.Run), cancellation);
        CommandLines commands = new(links, options, RunsFolder, config);
        await using ChaosCluster cluster = new(links, commands, folder, (what, node, details) => report.Event(Now, what, node.ToString(), details));
        foreach (NodeName node in commands.Nodes)
        {
            await links.Add(node);
        }

        using RunWatcher watcher = new(cluster, options, oracle);
        ImmutableArray<Fault> schedule = ChaosSchedule.Draw(
            options.Seed, new ChaosPlan(options.Duration, options.Coordinators, options.Workers, links.Faults));
        Next(watcher, commands, isFirst: true);
        _startedAt = _time.GetTimestamp();
        cluster.StartAll();
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task watching = watcher.Watch(ending.Token);
        await Train(schedule, cluster, watcher, commands, oracle, cancellation);
        await ending.CancelAsync();
        await watching;
        return Summarize(oracle, watcher.Seen, cluster);
    }

    /// <summary>Carries the schedule out, and begins the next run whenever one is finished, until both are over.</summary>
    private async Task Train(
        ImmutableArray<Fault> schedule, ChaosCluster cluster, RunWatcher watcher, CommandLines commands, Oracle oracle, CancellationToken cancellation)
    {
        Queue<Fault> coming = new(schedule);
        PriorityQueue<Fault, TimeSpan> going = new();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        bool healed = false;
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            while (going.TryPeek(out Fault? over, out TimeSpan until) && until <= Now)
            {
                going.Dequeue();
                await cluster.End(over);
                report.Event(Now, "healed", over.Node.ToString(), over.Kind.ToString().ToLowerInvariant());
            }

            while (coming.TryPeek(out Fault? next) && next.At <= Now)
            {
                coming.Dequeue();
                string kind = next.Kind.ToString().ToLowerInvariant();
                if (!await cluster.Begin(next, Now))
                {
                    report.Event(Now, "skipped", next.Node.ToString(), $"{kind}, because the node is not up");
                    continue;
                }

                going.Enqueue(next, next.Until);
                _faults[next.Kind] = _faults.GetValueOrDefault(next.Kind) + 1;
                report.Event(Now, kind, next.Node.ToString(), string.Create(
                    CultureInfo.InvariantCulture, $"for {next.Lasting.TotalSeconds:0.0} s, at iteration {Iteration(watcher)} of {RunName}"));
            }

            cluster.Watch(Now);
            bool isOver = coming.Count == 0 && going.Count == 0 && Now >= options.Duration;
            if (isOver && !healed)
            {
                healed = true;
                report.Event(Now, "quiet", "all", "no more faults; the run must finish now");
            }

            if (watcher.Seen.IsFinished(RunName))
            {
                await Check(oracle, commands);
                if (isOver)
                {
                    return;
                }

                Next(watcher, commands, isFirst: false);
            }

            if (watcher.Seen.Problems.Count > 0)
            {
                return;
            }

            if (Now > options.Duration + ChaosOptions.Patience)
            {
                _problems.Add($"{RunName} is not finished {ChaosOptions.Patience.TotalMinutes:0} minutes after the last fault; it is at iteration {Iteration(watcher)} of {options.Run.Iterations}");
                return;
            }
        }
    }

    private void Next(RunWatcher watcher, CommandLines commands, bool isFirst)
    {
        _begun++;
        commands.Run = RunName;
        watcher.Turn(RunName, mustStart: !isFirst || options.Coordinators > 1);
    }

    private async Task Check(Oracle oracle, CommandLines commands)
    {
        _finished++;
        string directory = Path.Combine(RunsFolder, RunName);
        string[] problems =
        [
            .. options.Store is null ? await StoredRunCheck.Problems(new RunDirectory(directory), oracle) : [],
            .. await StoredRunCheck.Audit(options.Store is null ? directory : RunName, commands.Store),
        ];

        _problems.AddRange(problems);
        report.Event(Now, "finished", RunName, problems.Length == 0 ? $"with the model {oracle.Final[..12]}, as undisturbed; the journal passes the audit" : string.Join("; ", problems));
    }

    private int Iteration(RunWatcher watcher) =>
        watcher.Seen.Newest.Values.Where(seen => seen.Run == RunName).Select(seen => seen.Iteration).DefaultIfEmpty(0).Max();

    private ChaosSummary Summarize(Oracle oracle, Observations seen, ChaosCluster cluster)
    {
        ImmutableArray<string> problems = [.. seen.Problems, .. _problems, .. cluster.Problems];
        return new ChaosSummary(
            options, Now, _faults.ToImmutableSortedDictionary(fault => fault.Key.ToString().ToLowerInvariant(), fault => fault.Value),
            cluster.EndedByThemselves, _begun, _finished, _finished * options.Run.Iterations, seen.Versions.Count, seen.Results, oracle.Final, problems);
    }
}
