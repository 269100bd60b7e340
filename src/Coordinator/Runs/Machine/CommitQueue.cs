using System.Collections.Immutable;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Runs.Machine;

/// <summary>A completed iteration, or a measurement, on its way to the store.</summary>
/// <param name="Sha256">SHA-256 of the parameters after an iteration; null for a measurement.</param>
/// <param name="Metrics">Measures of an iteration; null for a measurement.</param>
/// <param name="Validation">Result of a measurement; null for an iteration.</param>
internal sealed record CommitStep(string? Sha256, IterationMetrics? Metrics, ValidationMetrics? Validation)
{
    /// <summary>The state after it, where that is kept for good; else null, and it may be skipped when commits are grouped.</summary>
    public MetaState? Kept { get; init; }
}

/// <summary>What is committed at once.</summary>
/// <param name="Number">From 1; a group that is tried again keeps its number.</param>
/// <param name="State">The latest state.</param>
/// <param name="Model">The meta-model to publish.</param>
/// <param name="Steps">In order; none when only the model is exported.</param>
/// <param name="IsModelExported">Write the model file as well, where the store has one.</param>
internal sealed record CommitGroup(int Number, MetaState State, ModelFile Model, ImmutableArray<CommitStep> Steps, bool IsModelExported);

/// <summary>
/// Makes completed iterations durable in the background while training goes on. Commits are grouped: what completes while one
/// is being written goes into the next, and each is followed by a pause of nine times its duration (up to a limit), so that
/// storage takes about a tenth of the time. A commit that fails is tried again unchanged: it may have been carried out.
/// Immutable and pure.
/// </summary>
/// <param name="LongestPause">The longest pause between two commits, and the pause between two exports of the model file.</param>
/// <param name="ExportedAt">When the model file was last written.</param>
internal sealed record CommitQueue(TimeSpan LongestPause, TimeSpan ExportedAt)
{
    /// <summary>Most completed iterations that may wait for a store that does not work; then training waits.</summary>
    public const int MostWaiting = 1000;

    private const int PauseFactor = 9;

    private ImmutableList<CommitStep> Waiting { get; init; } = [];

    private CommitGroup? Group { get; init; }

    private bool IsWriting { get; init; }

    private bool IsLast { get; init; }

    private int Number { get; init; }

    /// <summary>When the latest commit began.</summary>
    public TimeSpan Began { get; private init; }

    private TimeSpan DueAt { get; init; }

    /// <summary>True while too much waits for the store.</summary>
    public bool IsFull => Waiting.Count + (Group?.Steps.Length ?? 0) >= MostWaiting;

    /// <summary>True when nothing waits for the store.</summary>
    public bool IsEmpty => Waiting.IsEmpty && Group is null;

    /// <summary>True when the last commit is durable.</summary>
    public bool IsOver => IsLast && Group is null;

    /// <summary>Adds a completed iteration or measurement.</summary>
    public CommitQueue Add(CommitStep step) => this with { Waiting = Waiting.Add(step) };

    /// <summary>Starts writing what waits, if it is time; a group that has failed comes first.</summary>
    /// <param name="state">The latest state.</param>
    /// <param name="model">The meta-model to publish.</param>
    /// <param name="isLast">Write now, including the model file; to be repeated until <see cref="IsOver"/>.</param>
    /// <param name="now">Elapsed time.</param>
    /// <returns>The group to write; null when there is nothing to do now.</returns>
    public (CommitQueue Next, CommitGroup? Group) Begin(MetaState state, ModelFile model, bool isLast, TimeSpan now)
    {
        if (IsWriting || (IsEmpty && !isLast) || (!isLast && now < DueAt))
        {
            return (this, null);
        }

        CommitQueue next = Group is not null ? this : this with
        {
            Group = new CommitGroup(Number + 1, state, model, [.. Waiting], isLast || now - ExportedAt >= LongestPause),
            Number = Number + 1, Waiting = [], IsLast = isLast,
        };
        next = next with { IsWriting = true, Began = now };
        return (next, next.Group);
    }

    /// <summary>The group that was being written is durable.</summary>
    public (CommitQueue Next, CommitGroup Done) Succeeded(TimeSpan now)
    {
        CommitGroup done = Group ?? throw new InvalidOperationException("Nothing was being written.");
        TimeSpan pause = (now - Began) * PauseFactor;
        return (this with
        {
            Group = null, IsWriting = false, DueAt = now + (pause < LongestPause ? pause : LongestPause), ExportedAt = done.IsModelExported ? now : ExportedAt,
        }, done);
    }

    /// <summary>The group that was being written has failed, or its outcome is unknown: it is tried again after a while.</summary>
    public CommitQueue Failed(TimeSpan pause, TimeSpan now) => this with { IsWriting = false, DueAt = now + pause };
}
