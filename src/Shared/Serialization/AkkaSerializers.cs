using System.Collections.Immutable;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Hosting;
using Akka.Remote.Serialization;
using Akka.Serialization;
using Akka.Util;

namespace MetaMap.Shared.Serialization;

/// <summary>
/// Closes those of Akka's own serializers that would let another node do more than our cluster needs: create types that it
/// names (JSON, Protobuf, exceptions with their serialization constructors), start any actor with any arguments (remote
/// deployment), or stop and restart actors of this node. Still open are membership and gossip, sharding, singletons and
/// distributed data, selections, actor references, death watch, text and whole numbers.
/// </summary>
internal static class AkkaSerializers
{
    /// <summary>Serializers that are not needed at all: their name in Akka's configuration and their number.</summary>
    internal static readonly ImmutableArray<(string Alias, int Identifier)> Closed =
    [
        ("json", 1), ("proto", 2), ("daemon-create", 3), ("bytes", 4), ("akka-persistence-message", 7), ("akka-persistence-snapshot", 8),
        ("akka-pubsub", 9), ("akka-cluster-client", 15), ("akka-stream-ref", 30), ("reliable-delivery", 36),
    ];

    /// <summary>
    /// Allowed among Akka's miscellaneous messages: identify and its answer, a reference, and the heartbeats of death watch. Not
    /// allowed: poison pills, kills, restarts, failures with exceptions, routers, configuration.
    /// </summary>
    internal static readonly ImmutableHashSet<string> OpenMiscellaneous = ["ID", "AID", "AR", "RWHB", "RWHR"];

    /// <summary>Allowed among Akka's system messages: death watch. Not: create, restart, suspend, resume, terminate, supervise, failed.</summary>
    internal static readonly ImmutableHashSet<string> OpenSystemMessages =
        [typeof(Watch).TypeQualifiedName(), typeof(Unwatch).TypeQualifiedName(), typeof(DeathWatchNotification).TypeQualifiedName()];

    /// <summary>Puts guards in front of the serializers.</summary>
    public static AkkaConfigurationBuilder CloseAkkaSerializers(this AkkaConfigurationBuilder builder)
    {
        foreach ((string alias, int identifier) in Closed)
        {
            builder.WithCustomSerializer(alias, [], system => new GuardedSerializer(system, identifier, null, []));
        }

        return builder
            .WithCustomSerializer("akka-misc", [], system => Guard(system, new MiscMessageSerializer(system), OpenMiscellaneous))
            .WithCustomSerializer("akka-system-msg", [], system => Guard(system, new SystemMessageSerializer(system), OpenSystemMessages));
    }

    private static GuardedSerializer Guard(ExtendedActorSystem system, Serializer inner, ImmutableHashSet<string> open) =>
        new(system, inner.Identifier, inner, open);
}
