using Akka.Actor;
using Akka.TestKit.Xunit2;
using MetaMap.Shared.Dispatchers;
using MetaMap.Shared.Hosting;

namespace MetaMap.Worker.Tests;

/// <summary>A test kit whose actor system is a cluster node of its own on loopback, on a free port, in the role of a coordinator.</summary>
public abstract class ClusterTestKit(string more = "") : TestKit(Config + more, "metamap")
{
    private static readonly string Config = BlobDispatcher.Hocon + """

        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          actor.provider = cluster
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
          cluster { log-info = off, roles = [coordinator] }
        }
        """;

    /// <summary>What workers tell the workforce of this node, the test hears.</summary>
    protected void BeWorkforce(IActorRef ears) => Sys.ActorOf(Props.Create(() => new Forwarder(ears)), Workforce.Name);

    /// <summary>How long a test waits for what must come.</summary>

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef to) => ReceiveAny(to.Forward);
    }
}
