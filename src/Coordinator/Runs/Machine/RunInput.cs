using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>What happens to a run in training. A closed set.</summary>
internal abstract record RunInput
{
    private RunInput()
    {
    }

    /// <summary>A worker asks for blocks.</summary>
    public sealed record Asked(RequestBlocks Request) : RunInput;

    /// <summary>A worker answers a lease.</summary>
    public sealed record Answered(IBlockAnswer Answer) : RunInput;

    /// <summary>A worker has left.</summary>
    public sealed record Lost(WorkerId Worker) : RunInput;

    /// <summary>A gradient is here.</summary>
    public sealed record GradientFetched(BlobId Gradient, ReadOnlyMemory<byte> Bytes) : RunInput;

    /// <summary>A gradient could be fetched from none of the workers that have it.</summary>
    public sealed record GradientMissed(BlobId Gradient, string Reason) : RunInput;

    /// <summary>A client wants the newest version evaluated; answered by <see cref="RunEffect.Reply"/>, always.</summary>
    /// <param name="Client">Names the client in the answer.</param>
    /// <param name="Request">What to evaluate.</param>
    public sealed record EvaluationWanted(long Client, EvaluateRun Request) : RunInput;

    /// <summary>Commit what is complete, and leave the run.</summary>
    /// <param name="Status">Where it is to stand from now on.</param>
    public sealed record EndWanted(RunStatus Status) : RunInput;

    /// <summary>Time has passed: comes every second.</summary>
    public sealed record Ticked : RunInput;

    /// <summary>The newest <see cref="RunEffect.Commit"/> stands.</summary>
    /// <param name="Problem">What could not be written beside it; null when nothing.</param>
    public sealed record Committed(string? Problem) : RunInput;

    /// <summary>The newest <see cref="RunEffect.Commit"/> has failed, or its outcome is unknown.</summary>
    public sealed record CommitFailed(string Problem) : RunInput;

    /// <summary>The <see cref="RunEffect.FlushJournal"/> has ended.</summary>
    /// <param name="Problem">Why it failed; null when it did not.</param>
    public sealed record JournalFlushed(string? Problem) : RunInput;

    /// <summary>The <see cref="RunEffect.Renew"/> has ended.</summary>
    /// <param name="Problem">Why it failed; null when it did not.</param>
    public sealed record Renewed(string? Problem) : RunInput;

    /// <summary>The run is given back, the answer to <see cref="RunEffect.Release"/>.</summary>
    /// <param name="Problem">Why the store could not be told; null when it was.</param>
    public sealed record Released(string? Problem) : RunInput;

    /// <summary>Another coordinator has taken the run over: the store refuses this one.</summary>
    public sealed record Fenced(string Reason) : RunInput;

    /// <summary>The episode of a quarantined block is written, or cannot be.</summary>
    public sealed record QuarantineExported(string Sentence) : RunInput;

    /// <summary>The episode that the run diverged at is written, or cannot be.</summary>
    /// <param name="Reason">Why the run ends.</param>
    public sealed record DivergedExported(string Reason) : RunInput;
}
