using System.Collections.Immutable;
using MetaMap.Shared.Messages;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;

namespace MetaMap.Worker.Machine;

/// <summary>The outcome of computing a block on a lane.</summary>
internal abstract record BlockOutcome
{
    private BlockOutcome()
    {
    }

    /// <summary>The part of the time that went into loading its episodes.</summary>
    public TimeSpan Loading { get; init; }

    /// <summary>Its gradient has been computed and is among the node's buffers.</summary>
    public sealed record Adapted(ImmutableArray<EpisodeMetrics> Episodes, BlobId Gradient) : BlockOutcome;

    /// <summary>Its episodes have been measured.</summary>
    public sealed record Measured(ImmutableArray<EvaluatedEpisode> Episodes) : BlockOutcome;

    /// <summary>It could not be computed.</summary>
    public sealed record Failed(string Reason) : BlockOutcome;

    /// <summary>Its device cannot compute the run, which is not the block's fault.</summary>
    public sealed record DeviceFailed(string Reason) : BlockOutcome;

    /// <summary>Its run was closed here before it was done.</summary>
    public sealed record Cancelled : BlockOutcome;
}
