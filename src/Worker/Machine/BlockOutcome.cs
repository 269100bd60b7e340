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

    /// <summary>The run cannot be computed here any more, which is not the block's fault.</summary>
    public abstract record Unfit(string Reason) : BlockOutcome;

    /// <summary>The device cannot compute the run.</summary>
    public sealed record DeviceFailed(string Reason) : Unfit(Reason);

    /// <summary>The run's data is damaged or cannot be read here.</summary>
    public sealed record DataFailed(string Reason) : Unfit(Reason);

    /// <summary>Its run was closed here before it was done.</summary>
    public sealed record Cancelled : BlockOutcome;
}
