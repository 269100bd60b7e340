using MetaMap.Core;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Membership;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator;

/// <summary>Settings of one coordinator node. Nothing here changes what a run computes.</summary>
public sealed record CoordinatorSettings
{
    /// <summary>The usual port of HTTP.</summary>
    public const int DefaultHttpPort = 8080;

    /// <summary>Addresses and roles.</summary>
    public required NodeSettings Node { get; init; }

    /// <summary>Address that HTTP listens on. Default <c>127.0.0.1</c>.</summary>
    public string HttpHost { get; init; } = "127.0.0.1";

    /// <summary>Port of HTTP, which must be free. Default null: the first free one from <see cref="DefaultHttpPort"/> on.</summary>
    public int? HttpPort { get; init; }

    /// <summary>Tokens that HTTP requires. Default none: everything is open.</summary>
    public AccessTokens? Tokens { get; init; }

    /// <summary>Requests per minute and HTTP client that make workers adapt to episodes, in the long run; 1 or more. Default 60.</summary>
    public int AdaptationsPerMinute { get; init; } = 60;

    /// <summary>How long an adaptation session can be used. Default a day.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Folder with the datasets' files; not needed for built-in datasets.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Folder in which each run gets its own. Default <c>runs</c>.</summary>
    public string RunsDirectory { get; init; } = "runs";

    /// <summary>Where runs are kept: a folder, or a PostgreSQL connection string. Default: <see cref="RunsDirectory"/>.</summary>
    public string? Store { get; init; }

    /// <summary>Runs that are trained at once by the whole cluster, 1 or more; others wait in the order of their start. Default 8.</summary>
    public int MaxRuns { get; init; } = 8;

    /// <summary>How the runs that this node starts share the cluster, unless they say otherwise.</summary>
    public RunPolicy Policy { get; init; } = RunPolicy.Default;

    /// <summary>Take up runs that are to be trained and have no owner. Default on; off for a node that serves one command.</summary>
    public bool TakesUpRuns { get; init; } = true;

    /// <summary>Of these, also the ones that lie in the store when the node starts. Default on; without, they wait until somebody resumes them.</summary>
    public bool TakesUpLeftRuns { get; init; } = true;

    /// <summary>Serves the runs that it has, and trains, changes and deletes none. Default off.</summary>
    public bool ServesOnly { get; init; }

    /// <summary>
    /// The longest time between two commits of a run, and the time between two exports of its model file. Default 30 seconds.
    /// Small models are committed with every iteration.
    /// </summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Which committed versions of a run stay stored. Default: the newest three.</summary>
    public KeptVersions Kept { get; init; } = KeptVersions.Default;

    /// <summary>Shortest time after which an unanswered block is taken back; longer where blocks take long. Default 30 seconds.</summary>
    public TimeSpan LeaseDeadline { get; init; } = LeasePolicy.Default.Deadline;

    /// <summary>Refuses settings that cannot work, or that would open the node to strangers without being told to.</summary>
    /// <exception cref="ConfigurationException">Says which setting, what it is, and what it should be.</exception>
    public void Validate()
    {
        Node.Validate();
        Kept.Validate();
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
