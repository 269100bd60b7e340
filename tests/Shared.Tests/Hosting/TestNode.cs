using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
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

    private TestNode(IHost host) => _host = host;

    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public Cluster Cluster => Cluster.Get(System);

    public string HostPort => $"{Cluster.SelfAddress.Host}:{Cluster.SelfAddress.Port}";

    public IActorRef Runs => _host.Services.GetRequiredService<IActorRegistry>().Get<RunRegion>();

    public static async Task<TestNode> StartAsync(
        string role, IReadOnlyList<string> seeds, Action<AkkaConfigurationBuilder>? configure = null, NodeCertificate? tls = null, ILoggerProvider? log = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.Services.AddAkka(NodeSettings.SystemName, akka =>
        {
            akka.AddMetaMapNode(new NodeSettings { Roles = [role], Seeds = seeds, Tls = tls });
            configure?.Invoke(akka);
        });
        IHost host = builder.Build();
        await host.StartAsync();
        return new TestNode(host);
    }

    /// <summary>Waits until this node sees so many members that are up.</summary>
    public async Task SeesMembersAsync(int count, TimeSpan limit)
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef watcher = System.ActorOf(Props.Create(() => new MemberWatcher(count, seen)));
        await seen.Task.WaitAsync(limit);
        System.Stop(watcher);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private sealed class MemberWatcher : ReceiveActor
    {
        public MemberWatcher(int count, TaskCompletionSource seen)
        {
            HashSet<UniqueAddress> up = [];
            Receive<ClusterEvent.MemberUp>(joined =>
            {
                up.Add(joined.Member.UniqueAddress);
                if (up.Count >= count)
                {
                    seen.TrySetResult();
                }
            });
            Cluster.Get(Context.System).Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberUp));
        }
    }
}
