using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit.Xunit2;
using MetaMap.Shared.Dispatchers;

namespace MetaMap.Coordinator.Tests;

/// <summary>A test kit whose actor system is a cluster node of its own on loopback, on a free port.</summary>
public abstract class ClusterTestKit() : TestKit(Config, "metamap")
{
    private static readonly string Config = BlobDispatcher.Hocon + """

        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          actor.provider = cluster
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
          cluster.log-info = off
        }
        """;

    /// <summary>An actor's path as other nodes write it.</summary>
    protected string Remote(IActorRef actor) => actor.Path.ToStringWithAddress(Cluster.Get(Sys).SelfAddress);
}
