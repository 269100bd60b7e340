using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Chaos.Nodes;
using MetaMap.Chaos.Schedule;

namespace MetaMap.Chaos.Links;

/// <summary>
/// Each node in a network namespace of its own, on a bridge: a partition takes the node's port of the bridge down, a slow
/// link is a token bucket on both of its ends. Linux, as root, with iproute2.
/// </summary>
internal sealed class NamespaceLinks : ILinks
{
    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"metamap-chaos-{Environment.ProcessId}");
    private readonly int _subnet = 100 + Environment.ProcessId % 100;
    private readonly List<NodeName> _nodes = [];

    private string Switch => _prefix + "-switch";

    /// <inheritdoc />
    public string OwnHost => Address(1);

    /// <inheritdoc />
    public ImmutableDictionary<NodeRole, ImmutableArray<FaultKind>> Faults { get; } = ImmutableDictionary<NodeRole, ImmutableArray<FaultKind>>.Empty
        .Add(NodeRole.Coordinator, [FaultKind.Partition, FaultKind.Slow])
        .Add(NodeRole.Worker, [FaultKind.Partition, FaultKind.Slow]);

    /// <inheritdoc />
    public bool IsOpen => true;

    /// <summary>Makes the bridge, with the driver on it.</summary>
    public static async Task<NamespaceLinks> Create()
    {
        NamespaceLinks links = new();
        string own = string.Create(CultureInfo.InvariantCulture, $"mmc{Environment.ProcessId}");
        await Ip("netns", "add", links.Switch);
        await links.InSwitch("ip", "link", "add", "bridge", "type", "bridge");
        await links.InSwitch("ip", "link", "set", "bridge", "up");
        await Ip("link", "add", own, "type", "veth", "peer", "name", "port1", "netns", links.Switch);
        await links.InSwitch("ip", "link", "set", "port1", "master", "bridge", "up");
        await Ip("address", "add", links.OwnHost + "/24", "dev", own);
        await Ip("link", "set", own, "up");
        return links;
    }

    /// <inheritdoc />
    public async Task Add(NodeName node)
    {
        string space = Space(node);
        await Ip("netns", "add", space);
        _nodes.Add(node);
        await Ip("link", "add", "eth0", "netns", space, "type", "veth", "peer", "name", Port(node), "netns", Switch);
        await InSwitch("ip", "link", "set", Port(node), "master", "bridge", "up");
        await Ip("-n", space, "address", "add", BindHost(node) + "/24", "dev", "eth0");
        await Ip("-n", space, "link", "set", "eth0", "up");
        await Ip("-n", space, "link", "set", "lo", "up");
    }

    /// <inheritdoc />
    public string BindHost(NodeName node) => Address(HostNumber(node));

    /// <inheritdoc />
    public string PublicHost(NodeName node) => BindHost(node);

    /// <inheritdoc />
    public ImmutableArray<string> Inside(NodeName node) => ["ip", "netns", "exec", Space(node)];

    /// <inheritdoc />
    public Task Begin(FaultKind kind, NodeName node) => kind == FaultKind.Partition
        ? InSwitch("ip", "link", "set", Port(node), "down")
        : OnBothEnds(node, "add", "tbf", "rate", "512kbit", "burst", "16kb", "latency", "500ms");

    /// <inheritdoc />
    public Task End(FaultKind kind, NodeName node) => kind == FaultKind.Partition
        ? InSwitch("ip", "link", "set", Port(node), "up")
        : OnBothEnds(node, "del");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (NodeName node in _nodes)
        {
            await Ip("netns", "delete", Space(node));
        }

        await Ip("netns", "delete", Switch); // the driver's end of its link goes with it
    }

    private string Space(NodeName node) => $"{_prefix}-{node}";

    private static string Port(NodeName node) => string.Create(CultureInfo.InvariantCulture, $"port{HostNumber(node)}");

    private static int HostNumber(NodeName node) => (node.Role == NodeRole.Coordinator ? 10 : 100) + node.Number;

    private string Address(int host) => string.Create(CultureInfo.InvariantCulture, $"10.231.{_subnet}.{host}");

    private async Task OnBothEnds(NodeName node, string verb, params string[] bucket)
    {
        await InSwitch(["tc", "qdisc", verb, "dev", Port(node), "root", .. bucket]);
        await Shell.Run(["ip", "netns", "exec", Space(node), "tc", "qdisc", verb, "dev", "eth0", "root", .. bucket]);
    }

    private Task InSwitch(params string[] words) => Shell.Run(["ip", "netns", "exec", Switch, .. words]);

    private static Task Ip(params string[] words) => Shell.Run(["ip", .. words]);
}
