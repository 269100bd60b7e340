using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>What can happen to a run in training. A closed set.</summary>
internal abstract record RunInput
{
    private RunInput()
    {
    }

    /// <summary>A worker asks for blocks.</summary>
    public sealed record Asked(RequestBlocks Request) : RunInput;

    /// <summary>A worker answers a lease.</summary>
    public sealed record Answered(IBlockAnswer Answer) : RunInput;

    /// <summary>Workers have come or gone, or take no part in the run.</summary>
    public sealed record Staffed(RunStaff Staff) : RunInput;

    /// <summary>A worker has left.</summary>
    public sealed record Lost(WorkerId Worker) : RunInput;

    /// <summary>A gradient has arrived.</summary>
    public sealed record GradientFetched(BlobId Gradient, ReadOnlyMemory<byte> Bytes) : RunInput;

    /// <summary>A gradient could not be fetched from any worker that has it.</summary>
    public sealed record GradientMissed(BlobId Gradient, string Reason) : RunInput;

    /// <summary>A client wants the latest version evaluated; always answered by <see cref="RunEffect.Reply"/>.</summary>
    /// <param name="Client">Identifies the client in the answer.</param>
    /// <param name="Request">What to evaluate.</param>
    public sealed record EvaluationWanted(long Client, EvaluateRun Request) : RunInput;

    /// <summary>A client waits for its evaluation no more.</summary>
    /// <param name="Client">As in <see cref="EvaluationWanted"/>.</param>
    public sealed record ClientGone(long Client) : RunInput;

    /// <summary>Commit what is complete, and leave the run.</summary>
    /// <param name="Status">The run's status from now on.</param>
    public sealed record EndWanted(RunStatus Status) : RunInput;

    /// <summary>A second has passed.</summary>
    public sealed record Ticked : RunInput;

    /// <summary>The latest <see cref="RunEffect.Commit"/> is durable.</summary>
    /// <param name="Problem">What could not be written in addition; null when nothing.</param>
    public sealed record Committed(string? Problem) : RunInput;

    /// <summary>The latest <see cref="RunEffect.Commit"/> has failed, or its outcome is unknown.</summary>
    public sealed record CommitFailed(string Problem) : RunInput;

    /// <summary>The <see cref="RunEffect.FlushJournal"/> has ended.</summary>
    /// <param name="Problem">Why it failed; null when it did not.</param>
    public sealed record JournalFlushed(string? Problem) : RunInput;

    /// <summary>The <see cref="RunEffect.Renew"/> has ended.</summary>
    /// <param name="Problem">Why it failed; null when it did not.</param>
    public sealed record Renewed(string? Problem) : RunInput;

    /// <summary>The run has been given back: the answer to <see cref="RunEffect.Release"/>.</summary>
    /// <param name="Problem">Why the store could not be told; null when it was.</param>
    public sealed record Released(string? Problem) : RunInput;

    /// <summary>Another coordinator has taken the run over: the store refuses this one.</summary>
    public sealed record Fenced(string Reason) : RunInput;

    /// <summary>The episode of a quarantined block has been written, or could not be.</summary>
    public sealed record QuarantineExported(string Sentence) : RunInput;

    /// <summary>The episode at which the run diverged has been written, or could not be.</summary>
    /// <param name="Reason">Why the run ends.</param>
    public sealed record DivergedExported(string Reason) : RunInput;
}
