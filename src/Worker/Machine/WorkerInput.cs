using Akka.Actor;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>Everything that can happen to a worker.</summary>
internal abstract record WorkerInput
{
    private WorkerInput()
    {
    }

    /// <summary>A coordinator is up in this node's cluster.</summary>
    public sealed record CoordinatorUp(Address Coordinator) : WorkerInput;

    /// <summary>A node has been removed from the cluster.</summary>
    public sealed record NodeRemoved(Address Node) : WorkerInput;

    /// <summary>A node no longer accepts messages from this one, because it has removed this node from its cluster.</summary>
    public sealed record CutOff(Address Node) : WorkerInput;

    /// <summary>A coordinator accepts this worker.</summary>
    public sealed record Welcomed(Address Coordinator) : WorkerInput;

    /// <summary>A coordinator does not know this worker's node.</summary>
    public sealed record Unknown(Address Coordinator) : WorkerInput;

    /// <summary>A coordinator refuses this worker.</summary>
    public sealed record Refused(string Reason) : WorkerInput;

    /// <summary>A coordinator names an open run.</summary>
    public sealed record RunNamed(RunOpened Opened, Address Coordinator) : WorkerInput;

    /// <summary>A run is over.</summary>
    public sealed record RunOver(RunId RunId) : WorkerInput;

    /// <summary>A run's data and learners are open.</summary>
    /// <param name="Number">Number of the <see cref="WorkerEffect.OpenRun"/>.</param>
    /// <param name="Layout">Layout of its parameters.</param>
    /// <param name="Kernels">How its convolutions are computed here.</param>
    public sealed record RunReady(int Number, ParameterLayout Layout, string Kernels) : WorkerInput;

    /// <summary>A run cannot be opened here.</summary>
    /// <param name="Number">Number of the <see cref="WorkerEffect.OpenRun"/>.</param>
    /// <param name="Reason">A readable sentence.</param>
    /// <param name="IsBadData">Its data is to blame.</param>
    public sealed record RunUnfit(int Number, string Reason, bool IsBadData = false) : WorkerInput;

    /// <summary>A lease has arrived.</summary>
    public sealed record Leased(BlockLeased Lease) : WorkerInput;

    /// <summary>Parameters have arrived.</summary>
    public sealed record ParametersHere(BlobId Version, ReadOnlyMemory<byte> Bytes) : WorkerInput;

    /// <summary>Parameters could not be fetched.</summary>
    public sealed record ParametersMissed(BlobId Version, string Reason) : WorkerInput;

    /// <summary>A lane has finished a block.</summary>
    public sealed record LaneEnded(int Lane, LeaseId Lease, BlockOutcome Outcome) : WorkerInput;

    /// <summary>A coordinator has judged a result.</summary>
    public sealed record Judged(BlockJudged Verdict) : WorkerInput;

    /// <summary>Two seconds have passed.</summary>
    /// <param name="IsMember">This node belongs to a cluster, or is about to.</param>
    public sealed record Tick(bool IsMember) : WorkerInput;

    /// <summary>The worker is to stop in an orderly way.</summary>
    public sealed record Drain : WorkerInput;

    /// <summary>The time for an orderly stop is over.</summary>
    public sealed record GraceOver : WorkerInput;
}
