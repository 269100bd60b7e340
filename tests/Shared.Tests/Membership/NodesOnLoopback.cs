using Akka.Actor;
using Akka.Hosting;
using Akka.Remote.Transport;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Membership;
using MetaMap.Shared.Tests.Hosting;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Membership;

/// <summary>Real actor systems on loopback: crashes by shutting the transport, partitions by Akka's throttle adapter.</summary>
public abstract class NodesOnLoopback : IAsyncLifetime
{

    private protected List<TestNode> Nodes { get; } = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));

    private protected async Task StartAsync(int coordinators, int workers)
    {
        string[] seeds = [.. FreePorts.Take(coordinators).Select(port => $"127.0.0.1:{port}")];
        foreach (string _ in seeds)
        {
            await AddAsync(NodeSettings.CoordinatorRole, seeds, NodeAddress.Parse(seeds[Nodes.Count]).Port);
        }

        for (int worker = 0; worker < workers; worker++)
        {
            await AddAsync(NodeSettings.WorkerRole, seeds);
        }

        await SeeEachOtherAsync(Nodes);
    }

    private protected async Task<TestNode> AddAsync(string role, string[] seeds, int port = 0, int? rejoinAttempt = null, string more = "")
    {
        NodeSettings settings = new() { Roles = [role], Seeds = seeds, Port = port, RejoinAttempt = rejoinAttempt };
        IEnumerable<string> order = SeedPolicy.Order(seeds, settings.HostPort, rejoinAttempt);
        TestNode node = await TestNode.StartAsync(settings, akka => akka.AddHocon(
            $$"""
            akka.remote.dot-netty.tcp.applied-adapters = ["trttl"]
            akka.cluster.seed-nodes = [{{string.Join(", ", order.Select(seed => $"\"akka.trttl.tcp://metamap@{seed}\""))}}]
            {{more}}
            """, HoconAddMode.Prepend));
        Nodes.Add(node);
        return node;
    }

    private protected static Task SeeEachOtherAsync(IReadOnlyCollection<TestNode> nodes) =>
        Task.WhenAll(nodes.Select(node => node.SeesOnlyAsync(nodes, TestTime.Limit)));

    /// <summary>Lets nothing pass between a node and others, by the node's own adapter.</summary>
    private protected static async Task CutAsync(
        TestNode node, IEnumerable<TestNode> others, ThrottleTransportAdapter.Direction direction, ThrottleMode? mode = null)
    {
        foreach (TestNode other in others)
        {
            Address address = other.Cluster.SelfAddress;
            Assert.True(await node.Transport.ManagementCommand(
                new SetThrottle(address, direction, mode ?? Blackhole.Instance)));
        }
    }
}
