using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Hosting;

/// <summary>
/// Cluster sharding of adaptation sessions: one entity per session, on workers; other nodes have a proxy. In both cases, the
/// <see cref="ActorRegistry"/> holds the region under this type: <c>IRequiredActor&lt;SessionRegion&gt;</c>.
/// </summary>
public abstract class SessionRegion
{
    /// <summary>Name of the entity type.</summary>
    public const string TypeName = "session";

    /// <summary>Number of shards; the same on all nodes, for ever. Each shard is on one worker, and moves as a whole.</summary>
    public const int ShardCount = 100;

    /// <summary>An entity that nobody asked for so long forgets what it adapted.</summary>
    public static TimeSpan IdleTime { get; } = TimeSpan.FromMinutes(2);

    private SessionRegion()
    {
    }

    /// <summary>Hosts sessions on this node (role <see cref="NodeSettings.WorkerRole"/>).</summary>
    /// <param name="builder">The node's configuration.</param>
    /// <param name="sessionProps">Makes the entity of a session.</param>
    public static AkkaConfigurationBuilder Host(AkkaConfigurationBuilder builder, Func<SessionId, Props> sessionProps) =>
        builder.WithShardRegion<SessionRegion>(
            TypeName,
            entityId => sessionProps(new SessionId(entityId)),
            new SessionMessageExtractor(),
            new ShardOptions
            {
                Role = NodeSettings.WorkerRole,
                StateStoreMode = StateStoreMode.DData,
                RememberEntities = false,
                ShouldPassivateIdleEntities = true,
                PassivateIdleEntityAfter = IdleTime,
            });

    /// <summary>Reaches sessions from a node that hosts none.</summary>
    /// <param name="builder">The node's configuration.</param>
    public static AkkaConfigurationBuilder Reach(AkkaConfigurationBuilder builder) =>
        builder.WithShardRegionProxy<SessionRegion>(TypeName, NodeSettings.WorkerRole, new SessionMessageExtractor());
}

/// <summary>Routes every <see cref="ISessionMessage"/> to the entity of its session.</summary>
internal sealed class SessionMessageExtractor() : HashCodeMessageExtractor(SessionRegion.ShardCount)
{
    /// <inheritdoc />
    public override string? EntityId(object message) => (message as ISessionMessage)?.Session.Value;
}
