using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Blobs;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Preparation;

/// <summary>What all run entities of a node share.</summary>
/// <param name="settings">The node's settings.</param>
/// <param name="blobs">The node's immutable buffers.</param>
/// <param name="board">The read model.</param>
/// <param name="workers">The workers of the node.</param>
/// <param name="store">Where runs are kept.</param>
/// <param name="time">Clock.</param>
internal sealed class RunServices(CoordinatorSettings settings, BlobStore blobs, RunBoard board, WorkerBoard workers, IRunStore store, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>The node's settings.</summary>
    public CoordinatorSettings Settings => settings;

    /// <summary>The node's immutable buffers.</summary>
    public BlobStore Blobs => blobs;

    /// <summary>The read model.</summary>
    public RunBoard Board => board;

    /// <summary>How many workers of the node can be reached.</summary>
    public int ReachableWorkers => workers.Workers.Count(worker => !worker.IsUnreachable);

    /// <summary>Where runs are kept.</summary>
    public IRunStore Store => store;

    /// <summary>Clock.</summary>
    public TimeProvider Time => time;

    /// <summary>When blocks are leased again.</summary>
    public LeasePolicy LeasePolicy { get; } = LeasePolicy.Default with { Deadline = settings.LeaseDeadline };

    /// <summary>Monotonic time since the node started.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>True once the node is leaving: it takes up no more runs.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Opens and claims runs.</summary>
    public RunPreparation Preparation => new(settings, store, time);

    /// <summary>The actor that knows the workers of this node.</summary>
    public static IActorRef Workforce(IActorContext context) => ActorRegistry.For(context.System).Get<WorkforceActor>();

    /// <summary>Where other nodes fetch this node's buffers.</summary>
    public static string BlobHolderPath(ActorSystem system) =>
        BlobHolder.PathAt(Cluster.Get(system).SelfAddress);
}
