using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using MetaMap.Chaos.Schedule;

namespace MetaMap.Chaos.Links;

/// <summary>
/// Nodes at addresses of their own on loopback. A coordinator is reached through a <see cref="TcpProxy"/> at the address
/// that it advertises, where its traffic with workers can be held, delayed and cut; no root is needed.
/// </summary>
internal sealed class LoopbackLinks : ILinks
{
    private static readonly TimeSpan _delay = TimeSpan.FromMilliseconds(200);

    // 127.n.*.*: several chaos runs on one machine keep apart.
    private readonly int _network = 100 + Environment.ProcessId % 100;
    private readonly Dictionary<NodeName, TcpProxy> _proxies = [];

    /// <inheritdoc />
    public ImmutableDictionary<NodeRole, ImmutableArray<FaultKind>> Faults { get; } = ImmutableDictionary<NodeRole, ImmutableArray<FaultKind>>.Empty
        .Add(NodeRole.Coordinator, [FaultKind.Partition, FaultKind.Delay, FaultKind.Reset]);

    /// <inheritdoc />
    public bool IsOpen => false;

    /// <inheritdoc />
    public string OwnHost => "127.0.0.1";

    /// <inheritdoc />
    public Task Add(NodeName node)
    {
        if (node.Role == NodeRole.Coordinator)
        {
            _proxies[node] = new TcpProxy(
                new IPEndPoint(IPAddress.Parse(PublicHost(node)), Nodes.ChaosCluster.Port), new IPEndPoint(IPAddress.Parse(BindHost(node)), Nodes.ChaosCluster.Port));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public string BindHost(NodeName node) => Address(node.Role == NodeRole.Coordinator ? 1 : 3, node);

    /// <inheritdoc />
    public string PublicHost(NodeName node) => Address(node.Role == NodeRole.Coordinator ? 2 : 3, node);

    /// <inheritdoc />
    public ImmutableArray<string> Inside(NodeName node) => [];

    /// <inheritdoc />
    public Task Begin(FaultKind kind, NodeName node) => Change(kind, node, begins: true);

    /// <inheritdoc />
    public Task End(FaultKind kind, NodeName node) => Change(kind, node, begins: false);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (TcpProxy proxy in _proxies.Values)
        {
            await proxy.DisposeAsync();
        }
    }

    private string Address(int kind, NodeName node) => string.Create(CultureInfo.InvariantCulture, $"127.{_network}.{kind}.{node.Number}");

    private Task Change(FaultKind kind, NodeName node, bool begins)
    {
        TcpProxy proxy = _proxies[node];
        switch (kind)
        {
            case FaultKind.Partition when begins:
                proxy.Hold();
                break;
            case FaultKind.Partition:
                proxy.Pass();
                break;
            case FaultKind.Delay:
                proxy.Delay = begins ? _delay : TimeSpan.Zero;
                break;
            case FaultKind.Reset when begins:
                proxy.Cut();
                break;
        }

        return Task.CompletedTask;
    }
}
