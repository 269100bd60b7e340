using System.Collections.Immutable;
using MetaMap.Training.Episodes;
using MetaMap.Training.Rounds;

namespace MetaMap.Shared.Messages;

/// <summary>
/// Worker to run: lease me blocks, as many at once as I have lanes. Answered by <see cref="BlockLeased"/> whenever a lane is
/// free and there is work; repeated now and then, so that a run that has moved learns of its workers.
/// </summary>
/// <param name="RunId">The run.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Lanes">Most leases that the worker holds, 0 or more; 0 withdraws it.</param>
/// <param name="Kernels">How it computes convolutions, for information.</param>
public sealed record RequestBlocks(RunId RunId, WorkerId WorkerId, int Lanes, string Kernels) : IRunMessage;

/// <summary>Run to worker: compute this block from a parameter version, its gradient in training, its measures in an evaluation.</summary>
/// <param name="Lease">Names the block, and is part of every answer.</param>
/// <param name="Episodes">Class and example indices.</param>
/// <param name="InnerSteps">In an evaluation: inner steps per episode, 0 or more. In training 0, because the run's options say it.</param>
/// <param name="WithBaselines">In an evaluation: whether the baselines of the run's data are measured, too.</param>
/// <param name="Parameters">The parameter version to adapt from.</param>
/// <param name="ParametersHolder">Actor path of the blob holder that serves it.</param>
public sealed record BlockLeased(LeaseId Lease, ImmutableArray<Episode> Episodes, int InnerSteps, bool WithBaselines, BlobId Parameters, string ParametersHolder) : IControlMessage
{
    /// <summary>The episodes as the block of their round.</summary>
    public EpisodeBlock Block => new(Lease.Block, Episodes);

    /// <summary>Equal when every field and all episodes are equal.</summary>
    public bool Equals(BlockLeased? other) =>
        other is not null && Lease == other.Lease && InnerSteps == other.InnerSteps && WithBaselines == other.WithBaselines && Parameters == other.Parameters
        && ParametersHolder == other.ParametersHolder && Episodes.AsSpan().SequenceEqual(other.Episodes.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Lease, InnerSteps, Parameters);
}

/// <summary>Worker to run: the answer to a lease, whose lane is free again.</summary>
public interface IBlockAnswer : IRunMessage
{
    /// <summary>The lease that this answers.</summary>
    LeaseId Lease { get; }

    /// <summary>The worker.</summary>
    WorkerId WorkerId { get; }

    /// <inheritdoc />
    RunId IRunMessage.RunId => Lease.RunId;
}

/// <summary>Worker to run: the block's meta-gradient is ready.</summary>
/// <param name="Lease">Which block.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Parameters">The parameter version of the lease, which the gradient belongs to.</param>
/// <param name="LayoutDigest">Digest of the gradient's parameter layout.</param>
/// <param name="Episodes">Loss and accuracy per episode, in order.</param>
/// <param name="Gradient">The summed gradient, little-endian float32.</param>
/// <param name="GradientHolder">Actor path of the blob holder that serves it.</param>
public sealed record BlockAdapted(
    LeaseId Lease, WorkerId WorkerId, BlobId Parameters, string LayoutDigest, ImmutableArray<EpisodeMetrics> Episodes, BlobId Gradient,
    string GradientHolder) : IBlockAnswer
{
    /// <summary>Equal when every field and all episodes are equal.</summary>
    public bool Equals(BlockAdapted? other) =>
        other is not null && Lease == other.Lease && WorkerId == other.WorkerId && Parameters == other.Parameters
        && LayoutDigest == other.LayoutDigest && Gradient == other.Gradient && GradientHolder == other.GradientHolder
        && Episodes.AsSpan().SequenceEqual(other.Episodes.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Lease, WorkerId);
}

/// <summary>Worker to run: the block could not be computed.</summary>
/// <param name="Lease">Which block.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Reason">A readable sentence.</param>
public sealed record BlockFailed(LeaseId Lease, WorkerId WorkerId, string Reason) : IBlockAnswer;

/// <summary>
/// Worker to run: I will not compute this lease (I am leaving, or could not fetch its parameters). The block is not at fault,
/// so others may have it at once.
/// </summary>
/// <param name="Lease">Which block.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Reason">A readable sentence.</param>
public sealed record BlockReturned(LeaseId Lease, WorkerId WorkerId, string Reason) : IBlockAnswer;

/// <summary>Run to worker: the verdict on a gradient; the worker may now drop it.</summary>
/// <param name="Lease">The lease of the result.</param>
/// <param name="Gradient">The gradient that is no longer needed.</param>
/// <param name="Verdict">Whether it counted.</param>
public sealed record BlockJudged(LeaseId Lease, BlobId Gradient, BlockVerdict Verdict) : IControlMessage;

/// <summary>Workforce to run: a worker has left or cannot be reached; its leases are free again.</summary>
/// <param name="RunId">The run.</param>
/// <param name="WorkerId">The worker.</param>
public sealed record WorkerLost(RunId RunId, WorkerId WorkerId) : IRunMessage;
