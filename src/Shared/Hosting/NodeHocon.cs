using MetaMap.Shared.Dispatchers;
using MetaMap.Shared.Membership;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;

namespace MetaMap.Shared.Hosting;

/// <summary>The part of a node's configuration that is the same everywhere and has no typed option.</summary>
internal static class NodeHocon
{
    /// <summary>The HOCON text.</summary>
    public static string Text { get; } = $$"""
        {{BlobDispatcher.Hocon}}
        akka {
          # Standard output belongs to results.
          stdout-logger-class = "{{Name(typeof(StandardErrorLogger))}}"
          stdout-loglevel = WARNING
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          # Guards stand in front of most of Akka's serializers, on purpose.
          log-serializer-override-on-start = off

          actor {
            serializers {
              metamap-tensor = "{{Name(typeof(TensorSerializer))}}"
              metamap-control = "{{Name(typeof(ControlSerializer))}}"
            }
            serialization-bindings {
              "{{Name(typeof(ITensorMessage))}}" = metamap-tensor
              "{{Name(typeof(IControlMessage))}}" = metamap-control
            }
            # Without this, a type that nobody bound would travel as JSON that names any .NET type.
            serialization-settings.allow-unregistered-types = off

            # Threads of their own, so that work on the .NET pool cannot delay heartbeats.
            internal-dispatcher {
              executor = "{{SleepingThreads.ConfiguratorName}}"
              sleeping-threads { of-cores = 1.0, least = 2, most = 4 }
            }
          }

          # Nothing waits for less; each tick wakes threads that the lanes' cores have to run.
          scheduler.tick-duration = 50ms

          remote {
            log-remote-lifecycle-events = off
            default-remote-dispatcher {
              executor = "{{SleepingThreads.ConfiguratorName}}"
              sleeping-threads { of-cores = 0.5, least = 2, most = 4 }
            }
            # A frame above 128,000 bytes would be dropped: the serializers refuse it, and runs that would need one.
            dot-netty.tcp.log-frame-size-exceeding = 100000b
            # On, .NET would let two nodes listen on one port; a port that waits for its last packets can be used again anyway.
            dot-netty.tcp.tcp-reuse-addr = off
          }

          cluster {
            log-info = off
            downing-provider-class = "{{Name(typeof(CoordinatorDowning))}}"
            distributed-data.durable.keys = []
            sharding {
              state-store-mode = ddata
              remember-entities = off
              passivate-idle-entity-after = off
              distributed-data.durable.keys = []
            }
          }

          coordinated-shutdown {
            # The generic host runs it.
            run-by-clr-shutdown-hook = off
            exit-clr = off
          }
        }
        """;

    /// <summary>For coordinators: they monitor every member themselves, however many there are.</summary>
    public static string CoordinatorText => "akka.cluster.failure-detector.monitored-by-nr-of-members = 10000";

    /// <summary>For workers: they suspect nobody.</summary>
    public static string WorkerText { get; } = $$"""
        akka.cluster.failure-detector {
          implementation-class = "{{Name(typeof(NoJudgement))}}"
          monitored-by-nr-of-members = 1
        }
        """;

    private static string Name(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
