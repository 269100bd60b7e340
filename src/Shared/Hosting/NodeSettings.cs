using Akka.Actor;
using MetaMap.Core;
using MetaMap.Shared.Membership;
using MetaMap.Shared.Security;

namespace MetaMap.Shared.Hosting;

/// <summary>What one node needs to know to take part in a cluster.</summary>
public sealed record NodeSettings
{
    /// <summary>Name of the actor system; the same on all nodes.</summary>
    public const string SystemName = "metamap";

    /// <summary>Role of nodes that own runs.</summary>
    public const string CoordinatorRole = DowningPolicy.CoordinatorRole;

    /// <summary>Role of nodes that compute.</summary>
    public const string WorkerRole = "worker";

    /// <summary>One or both of <see cref="CoordinatorRole"/> and <see cref="WorkerRole"/>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Address to listen on. Default 127.0.0.1: without TLS, other machines are let in only when asked for.</summary>
    public string BindHost { get; init; } = "127.0.0.1";

    /// <summary>Host name or address at which other nodes reach this one. Default: <see cref="BindHost"/>.</summary>
    public string? PublicHost { get; init; }

    /// <summary>TCP port at which other nodes reach this one, where something between them translates it. Default: <see cref="Port"/>.</summary>
    public int? PublicPort { get; init; }

    /// <summary>TCP port. Default 0: a free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// <c>host:port</c> of all coordinators, exactly as they advertise themselves, in the same order everywhere; a coordinator
    /// names itself, too. Default none: a coordinator then starts a cluster of its own.
    /// </summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>
    /// Null at the first start; 0 after losing a cluster; then the number of attempts in a row that have found nobody
    /// (<see cref="SeedPolicy.Order"/>).
    /// </summary>
    public int? RejoinAttempt { get; init; }

    /// <summary>A node that has not joined by then shuts itself down. Default 60 s.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time limit for what a leaving node has to do: storing runs, or finishing blocks. Default 30 s.</summary>
    public TimeSpan GoodbyeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Mutual TLS between nodes; the same choice on all nodes. Default none: other nodes are trusted without proof.</summary>
    public NodeCertificate? Tls { get; init; }

    /// <summary>Listen beyond loopback even without TLS. Default off.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>Akka's name of the transport, with which every address in the cluster begins.</summary>
    public string Protocol => Tls is null ? "akka.tcp" : "akka.ssl.tcp";

    /// <summary>Host and port at which other nodes reach this one.</summary>
    public string HostPort => NodeAddress.Text(PublicHost ?? BindHost, PublicPort ?? Port);

    /// <summary>The seeds as Akka's address texts, in the order in which to join.</summary>
    /// <exception cref="ConfigurationException">A seed is not <c>host:port</c>.</exception>
    public IReadOnlyList<string> SeedAddresses => [.. SeedPolicy.Order(Seeds, HostPort, RejoinAttempt).Select(seed =>
    {
        (string host, int port) = NodeAddress.Parse(seed);
        return new Address(Protocol, SystemName, host, port).ToString();
    })];

    /// <summary>Refuses settings that cannot work.</summary>
    /// <exception cref="ConfigurationException">Says which setting, what it is, and what it should be.</exception>
    public void Validate()
    {
        if (Roles.Count == 0 || Roles.Any(role => role is not (CoordinatorRole or WorkerRole)))
        {
            throw new ConfigurationException($"the node's roles are '{string.Join(", ", Roles)}'; give {CoordinatorRole}, {WorkerRole} or both");
        }

        if (Port is < 0 or > 65535)
        {
            throw new ConfigurationException($"the node's port is {Port}; give 1 to 65535, or 0 for a free one");
        }

        if (Seeds.Count == 0 && !Roles.Contains(CoordinatorRole))
        {
            throw new ConfigurationException("a worker needs the address of a coordinator: give at least one as host:port");
        }

        if (Seeds.Count > 0 && Roles.Contains(CoordinatorRole) && !Seeds.Contains(HostPort))
        {
            throw new ConfigurationException(
                $"the seeds are {string.Join(",", Seeds)}, but this coordinator is {HostPort}: name every coordinator in --seeds, this one as well, as it advertises itself");
        }

        if (NodeAddress.IsAny(PublicHost ?? BindHost))
        {
            throw new ConfigurationException(PublicHost is null
                ? $"a node that listens on {BindHost} needs the host name or address that others reach it by; name it with --advertise"
                : $"nobody is reached by {PublicHost}, which means all addresses of a machine: let --advertise name one of them, or a host name");
        }

        if (PublicPort is { } reached && Port == 0)
        {
            throw new ConfigurationException($"others reach this node by port {reached}, which must lead to a port that does not change: name that one with --port");
        }

        if (Tls is null && !IsInsecure && !NodeAddress.IsLoopback(BindHost))
        {
            throw new ConfigurationException(
                $"the node would listen on {BindHost} without TLS, where whoever reaches it can take part: give --tls DIR (`metamap certs --out DIR` makes one), or --insecure if the network is closed to others");
        }

        _ = SeedAddresses;
    }
}
