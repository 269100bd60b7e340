using System.Collections.Immutable;
using MetaMap.Core.Episodes;
using MetaMap.Core.Training;

namespace MetaMap.Shared.Messages;

/// <summary>A message for the run entity that <see cref="RunId"/> names; routed by cluster sharding.</summary>
public interface IRunMessage : IControlMessage
{
    /// <summary>The run.</summary>
    RunId RunId { get; }
}

/// <summary>Marks messages that travel by the Hyperion control serializer. Its closed allow-list is every sealed type that implements this, and their fields' types.</summary>
public interface IControlMessage;

/// <summary>Client to run: begin (or continue) training.</summary>
/// <param name="RunId">The run.</param>
/// <param name="OptionsJson"><c>RunOptions</c> as JSON.</param>
/// <param name="Resume">Continue from the newest committed state, if the run is stored, instead of starting anew.</param>
/// <param name="IsAttended">The client stays and stops the run itself: no coordinator takes it up without it.</param>
/// <param name="Weight">Share of the workers against other runs, above 0.</param>
/// <param name="MinWorkers">Training pauses while fewer are there, 1 or more.</param>
/// <param name="AuditFraction">Share of the blocks that a second worker computes again, 0 to 1.</param>
public sealed record StartRun(
    RunId RunId, string OptionsJson, bool Resume, bool IsAttended, double Weight, int MinWorkers, double AuditFraction) : IRunMessage;

/// <summary>Client to run: finish the current iteration, write a checkpoint and stop.</summary>
/// <param name="RunId">The run.</param>
public sealed record StopRun(RunId RunId) : IRunMessage;

/// <summary>Client to run: finish what is complete, commit it, and pause until <see cref="ResumeRun"/>. Answered by <see cref="RunChanged"/> or <see cref="RunRefused"/>.</summary>
/// <param name="RunId">The run.</param>
public sealed record PauseRun(RunId RunId) : IRunMessage;

/// <summary>Client to run: go on after a pause, a stop or a failure. Answered by <see cref="RunChanged"/> or <see cref="RunRefused"/>.</summary>
/// <param name="RunId">The run.</param>
public sealed record ResumeRun(RunId RunId) : IRunMessage;

/// <summary>Client to run: stop, and forget everything that was stored. Answered by <see cref="RunChanged"/> or <see cref="RunRefused"/>.</summary>
/// <param name="RunId">The run.</param>
public sealed record DeleteRun(RunId RunId) : IRunMessage;

/// <summary>Coordinator to run: it is your turn; claim the run and train it, unless that is under way.</summary>
/// <param name="RunId">The run.</param>
public sealed record TakeUpRun(RunId RunId) : IRunMessage;

/// <summary>Coordinator to its runs: the node leaves; commit and give the run back, for another coordinator to take up. Answered by <see cref="RunChanged"/>.</summary>
/// <param name="RunId">The run.</param>
public sealed record ReleaseRun(RunId RunId) : IRunMessage;

/// <summary>Run to client: a command was carried out.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Status">Where the run stands now, e.g. <c>Paused</c>.</param>
/// <param name="Iteration">Committed iterations.</param>
public sealed record RunChanged(RunId RunId, string Status, int Iteration) : IControlMessage;

/// <summary>Run to client: <see cref="StartRun"/> was carried out.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">Committed iterations so far.</param>
public sealed record RunStarted(RunId RunId, int Iteration) : IControlMessage;

/// <summary>Run to client: a command was refused.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Reason">One sentence for people.</param>
public sealed record RunRefused(RunId RunId, string Reason) : IControlMessage;

/// <summary>Run to client: the run has stopped and its last checkpoint is on disk.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">Committed iterations.</param>
public sealed record RunStopped(RunId RunId, int Iteration) : IControlMessage;

/// <summary>Worker to run: lease me blocks, as many at once as I have lanes. Answered by <see cref="BlockLeased"/> whenever a lane is free and there is work; repeated now and then, so that a run that moved learns of its workers.</summary>
/// <param name="RunId">The run.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Lanes">Leases that the worker holds at most, 0 or more; 0 withdraws it.</param>
/// <param name="Kernels">How it computes convolutions, for people and records.</param>
public sealed record RequestBlocks(RunId RunId, WorkerId WorkerId, int Lanes, string Kernels) : IRunMessage;

/// <summary>Run to worker: a block of episodes to compute from a parameter version.</summary>
public interface IBlockLease : IControlMessage
{
    /// <summary>The run.</summary>
    RunId RunId { get; }

    /// <summary>How many times the block has been leased, from 1.</summary>
    int Attempt { get; }

    /// <summary>Class and example indices.</summary>
    EpisodeBlock Block { get; }

    /// <summary>The parameter version to adapt from.</summary>
    BlobId Parameters { get; }

    /// <summary>Actor path of the blob holder that serves it.</summary>
    string ParametersHolder { get; }
}

/// <summary>Run to worker: adapt to this block.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">The meta-iteration, from 1.</param>
/// <param name="Attempt">How many times the block has been leased in this iteration, from 1.</param>
/// <param name="Block">Class and example indices.</param>
/// <param name="Parameters">The parameter version to adapt from.</param>
/// <param name="ParametersHolder">Actor path of the blob holder that serves it.</param>
public sealed record BlockLeased(
    RunId RunId, int Iteration, int Attempt, EpisodeBlock Block, BlobId Parameters, string ParametersHolder)
    : IBlockLease;

/// <summary>Worker to run: the block's meta-gradient is ready.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">Of the lease.</param>
/// <param name="BlockIndex">Of the lease.</param>
/// <param name="Attempt">Of the lease.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Parameters">Of the lease: the parameter version that the gradient belongs to.</param>
/// <param name="LayoutDigest">Digest of the gradient's parameter layout.</param>
/// <param name="Episodes">Loss and accuracy per episode, in order.</param>
/// <param name="Gradient">The summed gradient, little-endian float32.</param>
/// <param name="GradientHolder">Actor path of the blob holder that serves it.</param>
public sealed record BlockAdapted(
    RunId RunId, int Iteration, int BlockIndex, int Attempt, WorkerId WorkerId, BlobId Parameters, string LayoutDigest,
    ImmutableArray<EpisodeMetrics> Episodes, BlobId Gradient, string GradientHolder) : IRunMessage
{
    /// <summary>Equal when every field and all episodes are equal.</summary>
    public bool Equals(BlockAdapted? other) =>
        other is not null && RunId == other.RunId && Iteration == other.Iteration && BlockIndex == other.BlockIndex
        && Attempt == other.Attempt && WorkerId == other.WorkerId && Parameters == other.Parameters && LayoutDigest == other.LayoutDigest
        && Gradient == other.Gradient && GradientHolder == other.GradientHolder
        && Episodes.AsSpan().SequenceEqual(other.Episodes.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(RunId, Iteration, BlockIndex, Attempt, WorkerId);
}

/// <summary>Worker to run: the block could not be computed.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">Of the lease.</param>
/// <param name="BlockIndex">Of the lease.</param>
/// <param name="Attempt">Of the lease.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Reason">One sentence for people.</param>
public sealed record BlockFailed(
    RunId RunId, int Iteration, int BlockIndex, int Attempt, WorkerId WorkerId, string Reason) : IRunMessage;

/// <summary>
/// Worker to run: I will not compute this lease (I leave, or could not fetch its parameters); no fault of the block, which
/// others may have at once. Of training and evaluations alike.
/// </summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">Of the lease; the negative number of an evaluation.</param>
/// <param name="BlockIndex">Of the lease.</param>
/// <param name="Attempt">Of the lease.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Reason">One sentence for people.</param>
public sealed record BlockReturned(
    RunId RunId, int Iteration, int BlockIndex, int Attempt, WorkerId WorkerId, string Reason) : IRunMessage;

/// <summary>Run to worker: what became of a result; the worker may now forget the gradient.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">Of the result.</param>
/// <param name="BlockIndex">Of the result.</param>
/// <param name="Gradient">The gradient that is no longer needed.</param>
/// <param name="Verdict"><c>Counted</c>, or why not.</param>
public sealed record BlockJudged(RunId RunId, int Iteration, int BlockIndex, BlobId Gradient, string Verdict) : IControlMessage;

/// <summary>Workforce to run: a worker has left or cannot be reached; its leases are free again.</summary>
/// <param name="RunId">The run.</param>
/// <param name="WorkerId">The worker.</param>
public sealed record WorkerLost(RunId RunId, WorkerId WorkerId) : IRunMessage;
