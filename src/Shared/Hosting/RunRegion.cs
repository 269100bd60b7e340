using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Hosting;

/// <summary>
/// Cluster sharding of runs: one entity per run, on coordinators; other nodes have a proxy. In both cases, the
/// <see cref="ActorRegistry"/> holds the region under this type: <c>IRequiredActor&lt;RunRegion&gt;</c>.
/// </summary>
public abstract class RunRegion
{
    /// <summary>Name of the entity type.</summary>
    public const string TypeName = "run";

    /// <summary>Number of shards; the same on all nodes, for ever. Ten for each coordinator that may be expected.</summary>
    public const int ShardCount = 30;

    private RunRegion()
    {
    }

    /// <summary>Hosts runs on this node (role <see cref="NodeSettings.CoordinatorRole"/>).</summary>
    /// <param name="builder">The node's configuration.</param>
    /// <param name="runProps">Makes the entity of a run.</param>
    public static AkkaConfigurationBuilder Host(AkkaConfigurationBuilder builder, Func<RunId, Props> runProps) =>
        builder.WithShardRegion<RunRegion>(
            TypeName,
            entityId => runProps(new RunId(entityId)),
            new RunMessageExtractor(),
            new ShardOptions
            {
                Role = NodeSettings.CoordinatorRole,
                StateStoreMode = StateStoreMode.DData,
                RememberEntities = false,
                ShouldPassivateIdleEntities = false,
            });

    /// <summary>Reaches runs from a node that hosts none.</summary>
    /// <param name="builder">The node's configuration.</param>
    public static AkkaConfigurationBuilder Reach(AkkaConfigurationBuilder builder) =>
        builder.WithShardRegionProxy<RunRegion>(TypeName, NodeSettings.CoordinatorRole, new RunMessageExtractor());
}

/// <summary>Routes every <see cref="IRunMessage"/> to the entity of its run.</summary>
internal sealed class RunMessageExtractor() : HashCodeMessageExtractor(RunRegion.ShardCount)
{
    /// <inheritdoc />
    public override string? EntityId(object message) => (message as IRunMessage)?.RunId.Value;
}
