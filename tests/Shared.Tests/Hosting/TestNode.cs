using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using Akka.Remote;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Shared.Tests.Hosting;

/// <summary>One real node on loopback TCP with a host of its own.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly IHost _host;

    private TestNode(IHost host)
    {
        _host = host;
        // Gone from the services once the host has ended.
        System = host.Services.GetRequiredService<ActorSystem>();
        Cluster = Cluster.Get(System);
    }

    public ActorSystem System { get; }

    public Cluster Cluster { get; }

    public string HostPort => $"{Cluster.SelfAddress.Host}:{Cluster.SelfAddress.Port}";

    public IActorRef Runs => _host.Services.GetRequiredService<IActorRegistry>().Get<RunRegion>();

    public static Task<TestNode> StartAsync(
        string role, IReadOnlyList<string> seeds, Action<AkkaConfigurationBuilder>? configure = null, NodeCertificate? tls = null, ILoggerProvider? log = null) =>
        StartAsync(new NodeSettings { Roles = [role], Seeds = seeds, Tls = tls }, configure, log);

    public static async Task<TestNode> StartAsync(NodeSettings settings, Action<AkkaConfigurationBuilder>? configure = null, ILoggerProvider? log = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.Services.AddAkka(NodeSettings.SystemName, akka =>
        {
            akka.AddMetaMapNode(settings);
            configure?.Invoke(akka);
        });
        IHost host = builder.Build();
        await host.StartAsync();
        return new TestNode(host);
    }

    /// <summary>Waits until this node sees so many members that are up.</summary>
    public Task SeesMembersAsync(int count, TimeSpan limit) => UntilAsync(
        () => Cluster.State.Members.Count(member => member.Status == MemberStatus.Up) >= count, $"{count} members to be up", limit);

    /// <summary>Waits until this node's members are exactly these, all up.</summary>
    public Task SeesOnlyAsync(IReadOnlyCollection<TestNode> nodes, TimeSpan limit) => UntilAsync(
        () => Cluster.State.Members.All(member => member.Status == MemberStatus.Up)
            && Cluster.State.Members.Select(member => member.UniqueAddress).ToHashSet().SetEquals(nodes.Select(node => node.Cluster.SelfUniqueAddress)),
        $"its members to be {string.Join(", ", nodes.Select(node => node.HostPort))}", limit);

    /// <summary>Waits until this node has heard of all these, whether they are up or not.</summary>
    public Task KnowsAsync(IReadOnlyCollection<TestNode> nodes, TimeSpan limit) => UntilAsync(
        () => nodes.All(node => Cluster.State.Members.Any(member => member.UniqueAddress == node.Cluster.SelfUniqueAddress)),
        $"{nodes.Count} members to be known", limit);

    /// <summary>Waits until the node has left its cluster and ended.</summary>
    public Task EndsAsync(TimeSpan limit) => System.WhenTerminated.WaitAsync(limit);

    /// <summary>Ends without a word to anybody, as a process that is killed.</summary>
    public Task CrashAsync() => Transport.Shutdown();

    /// <summary>The node's transports, to which adapters take commands.</summary>
    public RemoteTransport Transport => ((IRemoteActorRefProvider)((ExtendedActorSystem)System).Provider).Transport;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private async Task UntilAsync(Func<bool> isSo, string what, TimeSpan limit)
    {
        using CancellationTokenSource timeout = new(limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        while (!isSo())
        {
            try
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{HostPort} waited {limit.TotalSeconds} s for {what}; it sees {string.Join(", ", Cluster.State.Members)}, unreachable {string.Join(", ", Cluster.State.Unreachable)}");
            }
        }
    }
}
