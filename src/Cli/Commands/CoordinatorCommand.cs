using System.CommandLine;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Cli.Progress;
using MetaMap.Coordinator;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Core.Files;
using MetaMap.Core;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Membership;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap coordinator</c>: one coordinator node that trains a run with the workers that join.</summary>
internal static class CoordinatorCommand
{
    /// <summary>Default port of the cluster.</summary>
    public const int DefaultPort = 4053;

    /// <summary>The option that names the store, which may hold a password.</summary>
    public const string Store = "--store";

    /// <summary>The environment variable that names the store; there, a connection string does not show in process lists.</summary>
    private const string StoreVariable = "METAMAP_STORE";

    private const string TakeUp = "--take-up";
    private const string NewRun = "--new-run";
    private const string RunsFolder = "--runs";

    private static readonly CoordinatorSettings _defaults = new() { Node = null! };

    public static Command Create()
    {
        Command command = new("coordinator", "Starts a coordinator node and, unless --no-run is given, a run; workers may come and go at any time.");
        Option<string> host = new("--host") { HelpName = "HOST", Description = "Address to listen on for the cluster.", DefaultValueFactory = _ => "127.0.0.1" };
        AdvertisedAddress advertised = new("workers reach this node by; default: --host and --port");
        Option<int> port = new("--port") { HelpName = "PORT", Description = "Port of the cluster.", DefaultValueFactory = _ => DefaultPort };
        Option<string?> seeds = new("--seeds") { HelpName = "NODES", Description = "All coordinators as host:port,host:port,..., this one included, in the same order on each; default: this one is alone." };
        Option<string> logFormat = CommonOptions.LogFormat();
        Option<string> httpHost = new("--http-host") { HelpName = "HOST", Description = "Address to listen on for HTTP.", DefaultValueFactory = _ => "127.0.0.1" };
        Option<int> httpPort = new("--http-port") { HelpName = "PORT", Description = "Port of the HTTP interface.", DefaultValueFactory = _ => CoordinatorSettings.DefaultHttpPort };
        Option<string> runs = new(RunsFolder) { HelpName = "DIR", Description = "Folder in which each run gets its own.", DefaultValueFactory = _ => "runs" };
        Option<string?> data = CommonOptions.Data();
        Option<string?> name = new("--name") { HelpName = "NAME", Description = "Name of the run; one that is stored goes on with its options where none are given. Default: made from its options and the time." };
        Option<bool> noRun = new("--no-run") { Description = "Start no run; wait for `metamap run start`." };
        Option<bool> takeUp = new(TakeUp) { Description = "With --no-run: take up the unfinished runs that an earlier coordinator left in the store, as coordinators with others in --seeds always do." };
        Option<bool> newRun = new(NewRun) { Description = "Start another run although one with the same options is not finished; without this, that one goes on." };
        Option<string?> store = new Option<string?>(Store) { HelpName = "STORE", Description = "Where runs are kept: a folder, or a PostgreSQL connection string such as \"Host=db;Database=metamap;Username=metamap\" (the password from PGPASSWORD or PGPASSFILE); default: --runs, or the environment's METAMAP_STORE." }.Or(StoreVariable);
        Option<int> maxRuns = new("--max-runs") { Description = "Runs that are trained at once; others wait.", DefaultValueFactory = _ => _defaults.MaxRuns };
        Option<int> minWorkers = CommonOptions.MinWorkers();
        Option<int> checkpointInterval = new("--checkpoint-interval") { HelpName = "SECONDS", Description = "The longest time between two commits of a run, and the time between two exports of its model file; small models are committed with every iteration. Seconds.", DefaultValueFactory = _ => Seconds(_defaults.CheckpointInterval) };
        Option<int> leaseDeadline = new("--lease-deadline") { HelpName = "SECONDS", Description = "The shortest time after which a block is taken back from a worker that has not answered; it grows with the time that blocks take. Seconds.", DefaultValueFactory = _ => Seconds(_defaults.LeaseDeadline) };
        command.Example("train the default run with the workers that join", "coordinator");
        command.Example("wait for runs, which name their data in this folder", "coordinator --no-run --data DIR");
        command.Example("for workers on other machines", "coordinator --host 10.0.0.5 --tls certs");
        command.Add(OptionGroups.Run, name, noRun, takeUp, newRun);
        command.Add(OptionGroups.Data, data);
        command.Add(OptionGroups.Cluster, host, port, advertised.Option, seeds, maxRuns, minWorkers, leaseDeadline);
        command.Add(OptionGroups.Http, httpHost, httpPort);
        command.Add(OptionGroups.Output, runs, store, checkpointInterval, logFormat);

        maxRuns.CheckAtLeast(1, "--max-runs must be 1 or more.");
        foreach (Option<int> seconds in new[] { checkpointInterval, leaseDeadline })
        {
            seconds.Check(value =>
            {
                if (value is < 1 or > 86_400)
                {
                    throw new ConfigurationException($"{seconds.Name} is {value}, but it must be from 1 to 86400 seconds.");
                }
            });
        }

        name.Check(wanted =>
        {
            if (wanted is not null && !RunName.IsName(wanted))
            {
                throw new ConfigurationException(RunName.Explain(wanted));
            }
        });
        command.Check(given =>
        {
            if (given.GetValue(seeds) is { } list && SeedList.ParseFixed(list).Count > 1 && given.GetValue(name) is null && !given.GetValue(noRun))
            {
                throw new ConfigurationException("Of several coordinators each would start a run of its own: name it on all of them with --name, or give --no-run.");
            }
        });
        KeptVersionOptions kept = new(command);
        AdaptationLimits sessions = new(command);
        command.Check(given =>
        {
            if (given.GetValue(takeUp) && !given.GetValue(noRun))
            {
                throw new ConfigurationException("--take-up goes with --no-run: without that, the unfinished runs of the store are taken up anyway.");
            }
        });
        NodeSecurity security = NodeSecurity.OfCoordinator(command);
        RunOptionSet runOptions = new(command, RunOptionSet.OfClusters);
        command.RefuseWith(noRun, "no run is started", [name, newRun, .. runOptions.All]);
        command.RefuseWith(newRun, "a run with a name of its own is started", [name]);
        command.SetAction(async (parsed, cancellation) =>
        {
            RunOptions options = runOptions.Read(parsed);
            CoordinatorSettings settings = new()
            {
                Node = new NodeSettings
                {
                    Roles = [NodeSettings.CoordinatorRole],
                    BindHost = parsed.GetValue(host)!,
                    PublicHost = advertised.Host(parsed),
                    PublicPort = advertised.Port(parsed),
                    Port = parsed.GetValue(port),
                    Seeds = parsed.GetValue(seeds) is { } list ? SeedList.ParseFixed(list) : [],
                    Tls = security.Tls(parsed),
                    IsInsecure = security.IsInsecure(parsed),
                },
                HttpHost = parsed.GetValue(httpHost)!,
                HttpPort = parsed.GetValue(httpPort),
                RunsDirectory = parsed.GetValue(runs)!,
                DataDirectory = parsed.GetValue(data),
                Store = parsed.GetValueOrVariable(store),
                MaxRuns = parsed.GetValue(maxRuns),
                AdaptationsPerMinute = sessions.AdaptationsPerMinute(parsed),
                SessionLifetime = sessions.Lifetime(parsed),
                CheckpointInterval = TimeSpan.FromSeconds(parsed.GetValue(checkpointInterval)),
                Kept = kept.Read(parsed),
                LeaseDeadline = TimeSpan.FromSeconds(parsed.GetValue(leaseDeadline)),
                Policy = RunPolicy.Default with { MinWorkers = parsed.GetValue(minWorkers) },
                Tokens = security.Tokens(parsed),
                TakesUpLeftRuns = !parsed.GetValue(noRun) || parsed.GetValue(takeUp) || (parsed.GetValue(seeds) is { } others && SeedList.ParseFixed(others).Count > 1),
            };
            settings.Validate();
            if ((PathProblem.Folder(settings.RunsDirectory) ?? PathProblem.Writing(settings.RunsDirectory)) is { } problem)
            {
                throw new ConfigurationException($"--runs {settings.RunsDirectory} {problem}.");
            }

            bool starts = !parsed.GetValue(noRun);
            if (starts)
            {
                // Refuses at once what cannot be trained.
                options = new MetaTraining("", options, options.OpenDataset(settings.DataDirectory).Catalog).Options;
            }

            FirstRun? first = !starts ? null : new FirstRun(
                parsed.GetValue(name) is { } given ? new RunId(given) : null, options, runOptions.Given(parsed).ToJson().ToJsonString(),
                parsed.GetResult(minWorkers) is { Implicit: false } ? parsed.GetValue(minWorkers) : null, parsed.GetValue(newRun));
            await Run(settings, first, security.TlsDirectory(parsed), new NodeLog(LogLevel.Information, parsed.GetValue(logFormat)!), cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static int Seconds(TimeSpan time) => (int)time.TotalSeconds;

    /// <summary>Hosts the coordinator until a signal; when it loses its cluster of coordinators, it joins again.</summary>
    private static async Task Run(CoordinatorSettings settings, FirstRun? start, string? tls, NodeLog log, CancellationToken cancellation)
    {
        using NodeLife life = new(parent: null, cancellation);
        int? rejoinAttempt = null;
        while (!life.IsOver)
        {
            bool wasMember = await RunOnce(settings with { Node = settings.Node with { RejoinAttempt = rejoinAttempt } }, start, tls, log, life.Over).ConfigureAwait(false);
            (start, rejoinAttempt) = wasMember ? (null, 0) : (start, (rejoinAttempt ?? 0) + 1);
            if (!life.IsOver)
            {
                await Console.Error.WriteLineAsync(wasMember
                    ? "This coordinator has left its cluster; joining again."
                    : $"No other coordinator has been found yet ({await SeedProbe.Explain([.. settings.Node.Seeds.Where(seed => seed != settings.Node.HostPort)], settings.Node.Tls).ConfigureAwait(false)}); trying again.");
            }
        }
    }

    /// <summary>Hosts the coordinator until it is told to stop or its node leaves the cluster.</summary>
    /// <returns>Whether it was a member of a cluster.</returns>
    private static async Task<bool> RunOnce(CoordinatorSettings settings, FirstRun? start, string? tls, NodeLog log, CancellationToken over)
    {
        await using WebApplication app = NodeHosts.Coordinator(settings, worker: null, log);
        await app.StartNode(settings.Node, over).ConfigureAwait(false);
        if (settings.Node.RejoinAttempt is null)
        {
            await Announce(settings, tls, app).ConfigureAwait(false);
        }

        Task ended = app.WaitForShutdownAsync(over);
        TaskCompletionSource joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Get(app.Services.GetRequiredService<ActorSystem>()).RegisterOnMemberUp(() => joined.TrySetResult());
        await Task.WhenAny(joined.Task, ended).ConfigureAwait(false);
        if (start is not null && joined.Task.IsCompleted && !over.IsCancellationRequested)
        {
            if (await Begin(start, app.Services, Hints.Client(app.Urls.First(), tls), over).ConfigureAwait(false) is { } refusal)
            {
                await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
                throw new ConfigurationException(refusal);
            }
        }

        await new CoordinatorDisplay(app.Services, log).While(ended).ConfigureAwait(false);
        IReadOnlyCollection<RunSnapshot> runs = app.Services.GetRequiredService<RunBoard>().Runs;
        foreach (RunSnapshot run in runs)
        {
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"run {run.RunId}: {(run.Status == RunStatus.Queued ? "interrupted" : run.Status.ToString().ToLowerInvariant())} at iteration {run.State.Iteration} of {run.Options.Iterations}, stored in {run.Directory}"));
        }

        if (over.IsCancellationRequested && runs.Any(run => run.Status == RunStatus.Queued))
        {
            // From whatever folder it is called. What started another run then would start one more now; without --take-up, a coordinator that starts none leaves all alone.
            string[] folder = settings.Store is null && !Path.IsPathRooted(settings.RunsDirectory) && !Environment.GetCommandLineArgs().Any(argument => argument.StartsWith(RunsFolder, StringComparison.Ordinal))
                ? [RunsFolder, Path.GetFullPath(settings.RunsDirectory)] : [];
            string again = CommandLine.Again(without: [NewRun], with: [.. folder, .. settings.TakesUpLeftRuns ? (string[])[] : [TakeUp]]) is { } command ? $"with: {command}" : "with the same command";
            await Console.Error.WriteLineAsync($"go on {again}");
        }

        return joined.Task.IsCompleted;
    }

    /// <summary>Begins the run, unless the node is told to end meanwhile.</summary>
    private static async Task<string?> Begin(FirstRun start, IServiceProvider services, string asking, CancellationToken over)
    {
        try
        {
            return await start.Begin(services, asking, over).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task Announce(CoordinatorSettings settings, string? tls, WebApplication app)
    {
        // With port 0, the one that it got.
        Address node = Cluster.Get(app.Services.GetRequiredService<ActorSystem>()).SelfAddress;
        string self = string.Create(CultureInfo.InvariantCulture, $"{node.Host}:{node.Port}");
        string coordinators = settings.Node.Seeds.Count > 0 ? string.Join(",", settings.Node.Seeds) : self;
        await Console.Error.WriteLineAsync(
            $"coordinator at {self}, HTTP at {app.Urls.First()}; start workers with: {OwnName.Called} worker --coordinator {coordinators}{Hints.Node(tls)}{(tls is null && !NodeAddress.IsLoopback(settings.Node.BindHost) ? " --insecure" : "")}");
        if (settings.Node.Tls is null && !NodeAddress.IsLoopback(settings.Node.BindHost))
        {
            await Console.Error.WriteLineAsync($"warning: the cluster listens on {settings.Node.BindHost} without TLS: whoever reaches port {settings.Node.Port} can take part");
        }

        if (settings.Tokens is null && !NodeAddress.IsLoopback(settings.HttpHost))
        {
            await Console.Error.WriteLineAsync($"warning: HTTP listens on {settings.HttpHost} without tokens: whoever reaches port {settings.HttpPort} can start and stop runs");
        }
    }
}
