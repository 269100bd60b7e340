using Akka.Actor;
using Akka.Hosting;
using Akka.Remote;
using MetaMap.Coordinator;
using MetaMap.Coordinator.Hosting;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;
using MetaMap.Worker;
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
            LeaseDeadline = TimeSpan.FromSeconds(3),
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
            Node = new NodeSettings { Roles = [NodeSettings.WorkerRole], Seeds = [$"{coordinator.Host}:{coordinator.Port}"] }, Threads = 1,
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
    /// <param name="iterations">Its length.</param>
    /// <param name="steps">What happens once so many iterations are committed, in order; all of it must come.</param>
    public async Task<RunSnapshot> TrainAsync(int iterations, params (int Iteration, Func<Task> Happens)[] steps)
    {
        Queue<(int Iteration, Func<Task> Happens)> coming = new(steps);
        RunId runId = new("small");
        object answer = await _hosts[0].Services.GetRequiredService<IActorRegistry>().Get<RunRegion>().Ask<object>(
            new StartRun(runId, RunOptionsJson.Write(SmallRun.Options with { Iterations = iterations }), false, false, RunPolicy.Default), TestTime.Limit);
        Assert.IsType<RunStarted>(answer);
        using CancellationTokenSource timeout = new(TestTime.Limit);
        RunSnapshot? last = null;
        await foreach (RunSnapshot snapshot in Board.Watch(runId, timeout.Token))
        {
            while (!snapshot.IsOver && coming.TryPeek(out (int Iteration, Func<Task> Happens) step) && snapshot.State.Iteration >= step.Iteration)
            {
                await coming.Dequeue().Happens();
            }

            last = snapshot;
        }

        Assert.Empty(coming);

        return last!;
    }

    /// <summary>The journal of the run, its lines about blocks of one worker.</summary>
    public IReadOnlyList<JournalEntry> JournalOf(int worker)
    {
        string name = _hosts[worker].Services.GetRequiredService<WorkerServices>().WorkerId.Value;
        return [.. File.ReadLines(Path.Combine(_runs, "small", "journal.jsonl")).Select(line => JournalEntry.Read(line)!).Where(entry => entry.Worker == name)];
    }

    /// <summary>Waits until a result of a worker has counted.</summary>
    public Task ContributedAsync(int worker) => Poll.Until(
        _ => Task.FromResult(JournalOf(worker).Any(entry => entry.Event == JournalEvent.Counted)), () => $"worker {worker} contributes nothing");

    /// <summary>A command to the adapters of a node, about what passes between it and another.</summary>
    public async Task CommandAsync(int node, int other, Func<Address, object> command) =>
        Assert.True(await ((IRemoteActorRefProvider)((ExtendedActorSystem)SystemOf(node)).Provider).Transport.ManagementCommand(command(AddressOf(other))));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_hosts.Select(host => host.StopAsync()));
        _hosts.ForEach(host => host.Dispose());
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
