using Akka.Actor;
using Akka.Hosting;
using Akka.Remote;
using MetaMap.Coordinator;
using MetaMap.Coordinator.Hosting;
using MetaMap.Coordinator.Runs;
using MetaMap.Core.Configuration;
using MetaMap.Core.Rounds;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Worker;
using MetaMap.Worker.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Cluster.Tests;

/// <summary>
/// A coordinator and workers in this process, each an actor system of its own on loopback TCP, with Akka's throttle and
/// failure-injector adapters between them.
/// </summary>
internal sealed class BadNetwork : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];
    private readonly string _runs;

    private BadNetwork(string runs) => _runs = runs;

    /// <summary>A coordinator.</summary>
    public static async Task<BadNetwork> StartAsync(string runs)
    {
        BadNetwork cluster = new(runs);
        CoordinatorSettings settings = new()
        {
            Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] },
            RunsDirectory = runs,
            LeasePolicy = LeasePolicy.Default with { Deadline = TimeSpan.FromSeconds(8) },
        };
        await cluster.StartAsync(services => services.AddCoordinator(settings), (akka, services) => akka.AddMetaMapNode(settings.Node).AddCoordinatorActors(services));
        return cluster;
    }

    public RunBoard Board => _hosts[0].Services.GetRequiredService<RunBoard>();

    /// <summary>One more worker; the first is number 1.</summary>
    public async Task AddWorkerAsync()
    {
        Address coordinator = AddressOf(0);
        WorkerSettings settings = new()
        {
            Node = new NodeSettings { Roles = [NodeSettings.WorkerRole], Seeds = [$"{coordinator.Host}:{coordinator.Port}"] }, Lanes = 1,
            Grace = TimeSpan.FromSeconds(1),
        };
        await StartAsync(services => services.AddWorker(settings), (akka, services) =>
        {
            akka.AddMetaMapNode(settings.Node);
            akka.AddHocon($"akka.cluster.seed-nodes = [\"{coordinator}\"]", HoconAddMode.Prepend);
            RunRegion.Reach(akka);
            akka.AddWorkerActors(services);
        });
    }

    /// <summary>Trains the small run to its end.</summary>
    /// <param name="at">What happens after an iteration.</param>
    public async Task<RunSnapshot> TrainAsync(Func<int, Task> at)
    {
        RunId runId = new("small");
        object answer = await _hosts[0].Services.GetRequiredService<IActorRegistry>().Get<RunRegion>().Ask<object>(
            new StartRun(runId, RunOptionsJson.Write(SmallRun.Options), false, false, 1, 1, 0), TimeSpan.FromMinutes(2));
        Assert.IsType<RunStarted>(answer);
        using CancellationTokenSource timeout = new(TimeSpan.FromMinutes(4));
        RunSnapshot? last = null;
        await foreach (RunSnapshot snapshot in Board.Watch(runId, timeout.Token))
        {
            if (snapshot.State.Iteration > (last?.State.Iteration ?? 0))
            {
                await at(snapshot.State.Iteration);
            }

            last = snapshot;
        }

        return last!;
    }

    /// <summary>A command to the adapters of a node, about what passes between it and another.</summary>
    public async Task CommandAsync(int node, int other, Func<Address, object> command) =>
        Assert.True(await ((IRemoteActorRefProvider)((ExtendedActorSystem)SystemOf(node)).Provider).Transport.ManagementCommand(command(AddressOf(other))));

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    private ActorSystem SystemOf(int node) => _hosts[node].Services.GetRequiredService<ActorSystem>();

    private Address AddressOf(int node) => Akka.Cluster.Cluster.Get(SystemOf(node)).SelfAddress;

    private async Task StartAsync(Action<IServiceCollection> add, Action<AkkaConfigurationBuilder, IServiceProvider> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddConsole();
        add(builder.Services);
        builder.Services.AddAkka(NodeSettings.SystemName, (akka, services) =>
        {
            configure(akka, services);
            akka.AddHocon("""akka.remote.dot-netty.tcp.applied-adapters = ["trttl", "gremlin"]""", HoconAddMode.Prepend);
            akka.WithActors((system, _) => system.ActorOf(BlobHolder.Props(services.GetRequiredService<BlobStore>()), BlobHolder.Name));
        });
        IHost host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync();
    }
}
