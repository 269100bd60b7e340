using System.CommandLine;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Hosting;
using MetaMap.Cli.Options;
using MetaMap.Core;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Membership;
using MetaMap.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap worker</c>: one worker node.</summary>
internal static class WorkerCommand
{
    /// <summary>Time for one attempt to join; after it, coordinators are looked up again.</summary>
    private static readonly TimeSpan _attempt = TimeSpan.FromSeconds(20);

    public static Command Create()
    {
        Command command = new("worker", "Starts a worker node that computes for the runs of a coordinator.");
        Option<string> coordinator = new("--coordinator")
        {
            HelpName = "NODES",
            Description = "Coordinators as host:port[,host:port...], as they advertise themselves, or dns:name:port, which is looked up at every attempt to join.",
            DefaultValueFactory = _ => $"127.0.0.1:{CoordinatorCommand.DefaultPort}",
        };
        Option<string?> host = new("--host") { HelpName = "HOST", Description = "Address to listen on; default: this machine's address on the way to the coordinator." };
        AdvertisedAddress advertised = new("other nodes reach this one by, as through NAT; default: --host and --port");
        Option<int> port = new("--port") { HelpName = "PORT", Description = "Port to listen on; 0: a free one." };
        Option<int> threads = CommonOptions.Threads("Lanes: blocks computed at once, each on a thread of its own.");
        Option<string?> data = CommonOptions.Data();
        Option<int> joinSeconds = new("--join-timeout") { HelpName = "SECONDS", Description = "Seconds to find a coordinator before giving up with exit code 3.", DefaultValueFactory = _ => 60 };
        Option<int> graceSeconds = new("--grace") { HelpName = "SECONDS", Description = "Seconds in which a worker that is told to end finishes the blocks that it has begun.", DefaultValueFactory = _ => 20 };
        Option<double> sessionShare = AdaptationLimits.Share();
        Option<string?> healthFile = new("--health-file") { HelpName = "FILE", Description = "File to write every 2 seconds while a coordinator knows this worker, for `metamap health --worker`." };
        Option<int?> parent = new("--parent") { Description = "End when the process with this id ends.", Hidden = true };
        Option<bool> quiet = new("--quiet") { Description = "Log warnings and errors only." };
        Option<string> logFormat = CommonOptions.LogFormat();
        command.Example("for the coordinator on this machine", "worker");
        command.Example("for one elsewhere, with a certificate of its authority", "worker --coordinator 10.0.0.5:4053 --tls certs");
        command.Add(OptionGroups.Cluster, coordinator, host, port, advertised.Option, joinSeconds, graceSeconds, healthFile, parent);
        command.Add(OptionGroups.Computing, threads, sessionShare);
        command.Add(OptionGroups.Data, data);
        command.Add(OptionGroups.Output, quiet, logFormat);

        DeviceOptions devices = new(command, threads);
        NodeSecurity security = NodeSecurity.OfWorker(command);
        coordinator.Check(list => SeedList.Parse(list!));
        joinSeconds.CheckAtLeast(1, "--join-timeout must be 1 or more seconds.");
        graceSeconds.CheckAtLeast(0, "--grace must be 0 or more seconds.");
        command.SetAction(async (parsed, cancellation) =>
        {
            SeedList coordinators = SeedList.Parse(parsed.GetValue(coordinator)!);
            TimeSpan grace = TimeSpan.FromSeconds(parsed.GetValue(graceSeconds));
            WorkerSettings settings = new()
            {
                Node = new NodeSettings
                {
                    Roles = [NodeSettings.WorkerRole],
                    BindHost = parsed.GetValue(host) ?? NodeAddress.Own(coordinators.OneSeed),
                    PublicHost = advertised.Host(parsed),
                    PublicPort = advertised.Port(parsed),
                    Port = parsed.GetValue(port),
                    Seeds = [coordinators.OneSeed],
                    JoinTimeout = TimeSpan.FromSeconds(parsed.GetValue(joinSeconds)),
                    GoodbyeTimeout = grace + TimeSpan.FromSeconds(10),
                    Tls = security.Tls(parsed),
                    IsInsecure = security.IsInsecure(parsed),
                },
                Threads = parsed.GetValue(threads),
                DataDirectory = parsed.GetValue(data),
                Grace = grace,
                SessionShare = parsed.GetValue(sessionShare),
                HealthFile = parsed.GetValue(healthFile) is { } file ? new HealthFile(file) : null,
            };
            settings.Node.Validate();
            settings.HealthFile?.Clear();
            settings = settings with { Devices = devices.Find(parsed).All };
            KernelChooser.OfThisMachine.Choose();
            NodeLog log = new(parsed.GetValue(quiet) ? LogLevel.Warning : LogLevel.Information, parsed.GetValue(logFormat)!);
            using NodeLife life = new(parsed.GetValue(parent), cancellation);
            await Run(settings, coordinators, log, life).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>
    /// Hosts the worker until a signal (or the end of the parent); when it loses its cluster, for instance because the
    /// coordinators were restarted, it joins again.
    /// </summary>
    private static async Task Run(WorkerSettings settings, SeedList coordinators, NodeLog log, NodeLife life)
    {
        long started = TimeProvider.System.GetTimestamp();
        bool wasRegistered = false;
        Func<bool> isRegistered = () => false;
        Task waiting = new WaitingWords($"waiting for a coordinator at {coordinators}", TimeProvider.System).Say(() => isRegistered(), life.Over);
        while (!life.IsOver)
        {
            TimeSpan left = settings.Node.JoinTimeout - TimeProvider.System.GetElapsedTime(started);
            if (!wasRegistered && left <= TimeSpan.Zero)
            {
                throw new UnreachableException(
                    $"No coordinator at {coordinators} could be joined within {settings.Node.JoinTimeout.TotalSeconds:0} s: {await Problem(settings, coordinators).ConfigureAwait(false)}.");
            }

            TimeSpan attempt = wasRegistered || left > _attempt ? _attempt : left;
            IReadOnlyList<string> seeds = await coordinators.Resolve(life.Over).ConfigureAwait(false);
            if (seeds.Count == 0)
            {
                // The name has no address at the moment.
                await life.Wait(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
                continue;
            }

            bool isNowRegistered = await RunOnce(
                settings with { Node = settings.Node with { Seeds = seeds, JoinTimeout = attempt } }, coordinators, log, services => isRegistered = () => services.WasRegistered, life.Over).ConfigureAwait(false);
            isRegistered = () => false;
            wasRegistered |= isNowRegistered;
            if (!life.IsOver && isNowRegistered)
            {
                await Console.Error.WriteLineAsync($"The cluster at {coordinators} is lost; joining again.");
            }
        }

        await waiting.ConfigureAwait(false);
    }

    private static async Task<string> Problem(WorkerSettings settings, SeedList coordinators) =>
        await coordinators.Resolve(CancellationToken.None).ConfigureAwait(false) is { Count: > 0 } seeds
            ? await SeedProbe.Explain(seeds, settings.Node.Tls).ConfigureAwait(false) : "the name has no address";

    /// <summary>Hosts the worker until it is told to stop or its node leaves the cluster.</summary>
    /// <returns>Whether a coordinator accepted it.</returns>
    private static async Task<bool> RunOnce(WorkerSettings settings, SeedList coordinators, NodeLog log, Action<WorkerServices> begun, CancellationToken over)
    {
        using IHost host = NodeHosts.Worker(settings, log);
        IHostApplicationLifetime lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        WorkerServices services = host.Services.GetRequiredService<WorkerServices>();
        string? refusal = null;
        services.Refused = reason =>
        {
            refusal = reason;
            lifetime.StopApplication();
        };
        services.Lost = _ => lifetime.StopApplication();
        begun(services);
        await host.StartNode(settings.Node, CancellationToken.None).ConfigureAwait(false);
        await using (over.Register(lifetime.StopApplication))
        {
            await host.WaitForShutdownAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return refusal is null
            ? services.WasRegistered
            : throw new ConfigurationException($"The coordinator at {coordinators} refused this worker: {refusal}.");
    }
}
