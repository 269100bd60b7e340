using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Hosting;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Coordinator;
using MetaMap.Coordinator.Runs;
using MetaMap.Core;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Rounds;
using MetaMap.Core.Training;
using MetaMap.Learning.Native;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Worker;
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

    /// <summary>The environment variable that names the store; a connection string there is in no process list.</summary>
    private const string StoreVariable = "METAMAP_STORE";

    public static Command Create()
    {
        Command command = new("coordinator", "Starts a coordinator node and, unless --no-run is given, a run; workers may come and go at any time.");
        Option<string> host = new("--host") { Description = "Address to listen on for the cluster.", DefaultValueFactory = _ => "127.0.0.1" };
        Option<string?> advertise = new("--advertise") { Description = "Host name or address that workers reach this node by; default: --host." };
        Option<int> port = new("--port") { Description = "Port of the cluster.", DefaultValueFactory = _ => DefaultPort };
        Option<string> httpHost = new("--http-host") { Description = "Address to listen on for HTTP.", DefaultValueFactory = _ => "127.0.0.1" };
        Option<int> httpPort = CommonOptions.HttpPort();
        Option<string> runs = new("--runs") { Description = "Folder in which each run gets its own.", DefaultValueFactory = _ => "runs" };
        Option<string?> data = CommonOptions.Data();
        Option<string?> name = new("--name") { Description = "Name of the run; default: made from its options and the time." };
        Option<bool> noRun = new("--no-run") { Description = "Start no run; wait for `metamap run start`." };
        Option<string?> seeds = new("--seeds") { Description = "host:port of every coordinator of the cluster, this one included, separated by commas; default: this one is alone." };
        Option<string?> store = new("--store") { Description = "Where runs are kept: a folder, or a PostgreSQL connection string such as \"Host=db;Database=metamap;Username=metamap\" (the password from PGPASSWORD or PGPASSFILE); default: --runs, or the environment's METAMAP_STORE." };
        Option<int> maxRuns = new("--max-runs") { Description = "Runs that are trained at once; others wait.", DefaultValueFactory = _ => new CoordinatorSettings { Node = null! }.MaxRuns };
        Option<int> minWorkers = CommonOptions.MinWorkers();
        Option<LogFormat> logFormat = CommonOptions.LogFormat();
        foreach (Option option in new Option[] { logFormat, host, advertise, port, httpHost, httpPort, runs, data, name, noRun, seeds, store, maxRuns, minWorkers })
        {
            command.Add(option);
        }

        NodeSecurity security = NodeSecurity.OfCoordinator(command);
        RunOptionSet runOptions = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            RunOptions options = runOptions.Read(parsed);
            CoordinatorSettings settings = new()
            {
                Node = new NodeSettings
                {
                    Roles = [NodeSettings.CoordinatorRole],
                    BindHost = parsed.GetValue(host)!,
                    PublicHost = parsed.GetValue(advertise),
                    Port = parsed.GetValue(port),
                    Seeds = parsed.GetValue(seeds)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
                    Tls = security.Tls(parsed),
                    IsInsecure = security.IsInsecure(parsed),
                },
                HttpHost = parsed.GetValue(httpHost)!,
                HttpPort = parsed.GetValue(httpPort),
                RunsDirectory = parsed.GetValue(runs)!,
                DataDirectory = parsed.GetValue(data),
                Store = parsed.GetValue(store) ?? Environment.GetEnvironmentVariable(StoreVariable),
                MaxRuns = parsed.GetValue(maxRuns),
                Policy = RunPolicy.Default with { MinWorkers = parsed.GetValue(minWorkers) },
                Tokens = security.Tokens(parsed),
            };
            settings.Validate();
            settings.Policy.Validate();
            if (settings.MaxRuns < 1)
            {
                throw new ConfigurationException($"--max-runs is {settings.MaxRuns}, but it must be 1 or more.");
            }

            if (parsed.GetValue(name) is { } wanted && !RunName.IsName(wanted))
            {
                throw new ConfigurationException(RunName.Explain(wanted));
            }

            bool starts = !parsed.GetValue(noRun);
            if (starts)
            {
                // Says at once what cannot be trained.
                _ = new MetaTraining("", options, DatasetRegistry.Open(options, settings.DataDirectory).Catalog);
            }

            RunId? runId = !starts ? null
                : parsed.GetValue(name) is { } given ? new RunId(given) : RunName.For(options, TimeProvider.System);
            await Run(settings, runId, options, resumes: parsed.GetValue(name) is not null, parsed.GetValue(logFormat), cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task Run(CoordinatorSettings settings, RunId? runId, RunOptions options, bool resumes, LogFormat logFormat, CancellationToken cancellation)
    {
        await using WebApplication app = NodeHosts.Coordinator(settings, worker: null, LogLevel.Information, logFormat);
        await app.StartAsync(cancellation).ConfigureAwait(false);
        string address = $"{settings.Node.PublicHost ?? settings.Node.BindHost}:{settings.Node.Port}";
        await Console.Error.WriteLineAsync($"coordinator at {address}, HTTP at {app.Urls.First()}; start workers with: metamap worker --coordinator {address}");
        if (settings.Node.Tls is null && !NodeAddress.IsLoopback(settings.Node.BindHost))
        {
            await Console.Error.WriteLineAsync($"warning: the cluster listens on {settings.Node.BindHost} without TLS: whoever reaches port {settings.Node.Port} can take part");
        }

        if (settings.Tokens is null && !NodeAddress.IsLoopback(settings.HttpHost))
        {
            await Console.Error.WriteLineAsync($"warning: HTTP listens on {settings.HttpHost} without tokens: whoever reaches port {settings.HttpPort} can start and stop runs");
        }

        if (runId is { } id)
        {
            object answer = await app.Services.GetRequiredService<IRequiredActor<RunRegion>>().ActorRef
                .Ask<object>(new StartRun(
                    id, RunOptionsJson.Write(options), resumes, IsAttended: false, settings.Policy.Weight, settings.Policy.MinWorkers, settings.Policy.AuditFraction),
                    TimeSpan.FromMinutes(2), cancellation)
                .ConfigureAwait(false);
            if (answer is RunRefused refused)
            {
                await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
                throw new ConfigurationException(refused.Reason);
            }
        }

        await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        foreach (RunSnapshot run in app.Services.GetRequiredService<RunBoard>().Runs)
        {
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"run {run.RunId}: {run.Status.ToString().ToLowerInvariant()} at iteration {run.State.Iteration} of {run.Options.Iterations}, stored in {run.Directory}"));
        }
    }
}

/// <summary><c>metamap worker</c>: one worker node.</summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        Command command = new("worker", "Starts a worker node that computes for the runs of a coordinator.");
        Option<string> coordinator = new("--coordinator")
        {
            Description = "host:port of the coordinator, as it advertises itself.",
            DefaultValueFactory = _ => $"127.0.0.1:{CoordinatorCommand.DefaultPort}",
        };
        Option<string?> host = new("--host") { Description = "Address to listen on and to be reached by; default: this machine's address on the way to the coordinator." };
        Option<int> port = new("--port") { Description = "Port to listen on; 0: a free one." };
        Option<int> threads = CommonOptions.Threads("Lanes: blocks computed at once, each on a thread of its own.");
        Option<string?> data = CommonOptions.Data();
        Option<int> joinSeconds = new("--join-timeout") { Description = "Seconds to find the coordinator before giving up with exit code 3.", DefaultValueFactory = _ => 60 };
        Option<string?> healthFile = new("--health-file") { Description = "File to write every 2 seconds while a coordinator knows this worker, for `metamap health --worker`." };
        Option<int?> parent = new("--parent") { Description = "End when the process with this id ends.", Hidden = true };
        Option<bool> quiet = new("--quiet") { Description = "Log warnings and errors only." };
        Option<LogFormat> logFormat = CommonOptions.LogFormat();
        foreach (Option option in new Option[] { logFormat, coordinator, host, port, threads, data, joinSeconds, healthFile, parent, quiet })
        {
            command.Add(option);
        }

        NodeSecurity security = NodeSecurity.OfWorker(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(threads) < 1 || parsed.GetValue(joinSeconds) < 1)
            {
                throw new ConfigurationException("--threads and --join-timeout must be 1 or more.");
            }

            string seed = parsed.GetValue(coordinator)!;
            WorkerSettings settings = new()
            {
                Node = new NodeSettings
                {
                    Roles = [NodeSettings.WorkerRole],
                    BindHost = parsed.GetValue(host) ?? NodeAddress.Own(seed.Split(',')[0]),
                    Port = parsed.GetValue(port),
                    Seeds = seed.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                    JoinTimeout = TimeSpan.FromSeconds(parsed.GetValue(joinSeconds)),
                    Tls = security.Tls(parsed),
                    IsInsecure = security.IsInsecure(parsed),
                },
                Lanes = parsed.GetValue(threads),
                DataDirectory = parsed.GetValue(data),
                HealthFile = parsed.GetValue(healthFile) is { } file ? new HealthFile(file) : null,
            };
            settings.Node.Validate();
            settings.HealthFile?.Clear();
            TorchRuntime.Initialize();
            await Run(settings, seed, parsed.GetValue(parent), parsed.GetValue(quiet) ? LogLevel.Warning : LogLevel.Information, parsed.GetValue(logFormat), cancellation)
                .ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>
    /// Hosts the worker until a signal (or the end of the parent); when it loses its cluster, for instance because the
    /// coordinator was started anew, it joins again.
    /// </summary>
    private static async Task Run(WorkerSettings settings, string seed, int? parent, LogLevel logLevel, LogFormat logFormat, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        void OnSignal(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        using Process? parentProcess = parent is { } pid ? EndWith(pid, stop) : null;
        bool wasRegistered = false;
        while (!stop.IsCancellationRequested)
        {
            wasRegistered |= await RunOnce(settings, seed, logLevel, logFormat, stop.Token).ConfigureAwait(false);
            if (!wasRegistered && !stop.IsCancellationRequested)
            {
                throw new UnreachableException(
                    $"No coordinator at {seed} could be joined within {settings.Node.JoinTimeout.TotalSeconds:0} s; check that `metamap coordinator` runs there and advertises exactly that address, and that both have certificates of one authority (--tls) or neither has any.");
            }

            if (!stop.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync($"The cluster at {seed} is lost; joining again.");
            }
        }
    }

    /// <summary>Hosts the worker until it is told to stop or its node leaves the cluster.</summary>
    /// <returns>Whether a coordinator welcomed it.</returns>
    private static async Task<bool> RunOnce(WorkerSettings settings, string seed, LogLevel logLevel, LogFormat logFormat, CancellationToken stop)
    {
        using IHost host = NodeHosts.Worker(settings, logLevel, logFormat);
        IHostApplicationLifetime lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        WorkerServices services = host.Services.GetRequiredService<WorkerServices>();
        string? refusal = null;
        services.Refused = reason =>
        {
            refusal = reason;
            lifetime.StopApplication();
        };
        await host.StartAsync(CancellationToken.None).ConfigureAwait(false);
        await using (stop.Register(lifetime.StopApplication))
        {
            await host.WaitForShutdownAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return refusal is null
            ? services.WasRegistered
            : throw new ConfigurationException($"The coordinator at {seed} refused this worker: {refusal}.");
    }

    private static Process? EndWith(int pid, CancellationTokenSource stop)
    {
        try
        {
            Process process = Process.GetProcessById(pid);
            process.EnableRaisingEvents = true;
            process.Exited += (_, _) => stop.Cancel();
            return process;
        }
        catch (ArgumentException)
        {
            // It has ended before we looked.
            stop.Cancel();
            return null;
        }
    }
}
