using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Http.Access;
using MetaMap.Core;
using MetaMap.Core.Rounds;
using MetaMap.Shared.Hosting;

namespace MetaMap.Coordinator;

/// <summary>Settings of one coordinator node. Nothing here changes what a run computes.</summary>
public sealed record CoordinatorSettings
{
    /// <summary>Addresses and roles.</summary>
    public required NodeSettings Node { get; init; }

    /// <summary>Address that HTTP listens on. Default <c>127.0.0.1</c>.</summary>
    public string HttpHost { get; init; } = "127.0.0.1";

    /// <summary>Port of HTTP. Default 8080.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>Take the next free port when <see cref="HttpPort"/> is in use, instead of failing. Default off.</summary>
    public bool HttpNextFreePort { get; init; }

    /// <summary>Tokens that HTTP asks for. Default none: everything is open.</summary>
    public AccessTokens? Tokens { get; init; }

    /// <summary>How much HTTP clients may take.</summary>
    public HttpLimits HttpLimits { get; init; } = new();

    /// <summary>Folder with the datasets' files; not needed for <c>glyphs</c>.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Folder in which each run gets its own. Default <c>runs</c>.</summary>
    public string RunsDirectory { get; init; } = "runs";

    /// <summary>Time between checkpoints of a run in training. Default 30 seconds: at most that much is computed again after a crash.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>When blocks are leased again.</summary>
    public LeasePolicy LeasePolicy { get; init; } = LeasePolicy.Default;

    /// <summary>Refuses settings that cannot work, or that would open the node to strangers unasked.</summary>
    /// <exception cref="ConfigurationException">Says which setting, what it is, and what it should be.</exception>
    public void Validate()
    {
        Node.Validate();
        string? missing = Node.IsInsecure || NodeAddress.IsLoopback(HttpHost) ? null
            : Node.Tls is null ? "TLS, so that what is said there can be read and changed on the way: give --tls DIR (`metamap certs --out DIR` makes one)"
            : Tokens is null ? "tokens, so that whoever reaches it could start and stop runs: give --tokens FILE"
            : null;
        if (missing is not null)
        {
            throw new ConfigurationException($"HTTP would listen on {HttpHost} without {missing}, or --insecure if the network is closed to others");
        }
    }
}
