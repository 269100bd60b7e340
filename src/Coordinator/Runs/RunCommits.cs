using System.Text.Json;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Stores;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Training;

namespace MetaMap.Coordinator.Runs;

/// <summary>A completed iteration, or a measurement, on its way to the store.</summary>
/// <param name="Metrics">Of an iteration; null for a measurement.</param>
/// <param name="Validation">Of a measurement; null for an iteration.</param>
public sealed record CommitStep(IterationMetrics? Metrics, ValidationMetrics? Validation);

/// <summary>
/// Makes completed iterations durable in the background while training goes on. Commits are grouped: what completes
/// while one is being written goes into the next, and a pause of nine times its duration follows each, so that storage
/// takes a tenth of the time at most. Owned by one actor; the calls to the store follow each other.
/// </summary>
/// <param name="hold">The claimed run.</param>
/// <param name="journal">Lines that are stored with the commits.</param>
/// <param name="elapsed">The coordinator's monotonic clock.</param>
/// <param name="longestPause">The longest pause between two commits, and the pause between two exports of the model file.</param>
public sealed class RunCommits(IRunHold hold, RunJournal journal, Func<TimeSpan> elapsed, TimeSpan longestPause)
{
    /// <summary>Completed iterations that may wait for a store that does not work; then training waits.</summary>
    public const int MostWaiting = 1000;

    private const int PauseFactor = 10;
    private static readonly JsonSerializerOptions _lineConventions = new(RunOptionsJson.Conventions) { WriteIndented = false };

    private List<CommitStep> _steps = [];
    private List<CommitStep> _writing = [];
    private List<MeasureLine> _lines = [];
    private List<string> _facts = [];
    private List<string> _committedLines = [];
    private Task _store = Task.CompletedTask;
    private RunCommit? _commit;
    private int _committed = hold.State?.Iteration ?? 0;
    private TimeSpan? _began;
    private TimeSpan _dueAt;
    private TimeSpan _exportedAt = elapsed();

    /// <summary>True while too much waits for the store.</summary>
    public bool IsFull => _steps.Count + _writing.Count >= MostWaiting;

    /// <summary>True while a commit is being written.</summary>
    public bool IsWriting => _commit is not null;

    /// <summary>True when nothing waits for the store.</summary>
    public bool IsEmpty => _steps.Count == 0 && _commit is null;

    /// <summary>An iteration is complete.</summary>
    public void Add(MetaState state, IterationMetrics metrics)
    {
        _lines.Add(new MeasureLine(metrics.Iteration, JsonSerializer.Serialize(metrics, _lineConventions)));
        _facts.AddRange(journal.Take());
        _committedLines.Add(journal.Committed(state.Iteration, state.Parameters.Sha256));
        _steps.Add(new CommitStep(metrics, null));
    }

    /// <summary>A version is measured on the validation classes.</summary>
    public void Add(ValidationMetrics metrics)
    {
        _lines.Add(new MeasureLine(metrics.Iteration, JsonSerializer.Serialize(metrics, _lineConventions)));
        _steps.Add(new CommitStep(null, metrics));
    }

    /// <summary>Begins to write what waits, if it is time.</summary>
    /// <param name="state">The newest state.</param>
    /// <param name="model">The meta-model to publish.</param>
    /// <param name="isLast">Write now, the model file too.</param>
    /// <returns>The write under way; null when there is nothing to do now.</returns>
    public Task<string?>? Begin(MetaState state, ModelFile model, bool isLast)
    {
        if (_began is not null || (IsEmpty && !isLast) || (!isLast && elapsed() < _dueAt))
        {
            return null;
        }

        if (isLast)
        {
            _facts.AddRange(journal.Take());
        }

        bool exports = isLast || elapsed() - _exportedAt >= longestPause;
        RunCommit commit = new(_committed, state, model, _lines, _facts, _committedLines, exports);
        (_commit, _began) = (commit, elapsed());
        (_writing, _steps, _lines, _facts, _committedLines) = (_steps, [], [], [], []);
        return After(() => hold.Commit(commit));
    }

    /// <summary>The write under way has ended well.</summary>
    /// <returns>The newest durable state, and what is durable now, in order.</returns>
    public (MetaState State, IReadOnlyList<CommitStep> Steps) Succeeded()
    {
        RunCommit done = _commit!;
        TimeSpan pause = (elapsed() - _began!.Value) * (PauseFactor - 1);
        _dueAt = elapsed() + (pause < longestPause ? pause : longestPause);
        _exportedAt = done.IsModelExported ? elapsed() : _exportedAt;
        _committed = done.State.Iteration;
        (_commit, _began) = (null, null);
        IReadOnlyList<CommitStep> steps = _writing;
        _writing = [];
        return (done.State, steps);
    }

    /// <summary>The write under way has failed: what it held is written again after a while, with what came since.</summary>
    /// <param name="pause">How long to wait.</param>
    public void Failed(TimeSpan pause)
    {
        RunCommit failed = _commit!;
        (_steps, _lines, _facts, _committedLines) = (
            [.. _writing, .. _steps], [.. failed.Lines, .. _lines], [.. failed.Journal, .. _facts], [.. failed.CommittedJournal, .. _committedLines]);
        (_commit, _began, _writing, _dueAt) = (null, null, [], elapsed() + pause);
    }

    /// <summary>Stores journal lines that no commit waits to take along.</summary>
    /// <returns>The write under way; null when there is nothing to do.</returns>
    public Task<string?>? Flush()
    {
        if (!IsEmpty || !journal.HasLines)
        {
            return null;
        }

        IReadOnlyList<string> lines = journal.Take();
        return After(async () =>
        {
            await hold.Append([.. lines]).ConfigureAwait(false);
            return null;
        });
    }

    /// <summary>Writes something beside the commits, in their order.</summary>
    public Task<string?> Leave(Func<string> write) => After(() => Task.FromResult<string?>(write()));

    /// <summary>Gives the run back, after everything before.</summary>
    public Task<string?> Release(RunPhase? phase, string? problem)
    {
        IReadOnlyList<string> lines = journal.Take();
        return After(async () =>
        {
            if (lines.Count > 0)
            {
                await hold.Append([.. lines]).ConfigureAwait(false);
            }

            await hold.Release(phase, problem).ConfigureAwait(false);
            return null;
        });
    }

    private Task<string?> After(Func<Task<string?>> write)
    {
        Task before = _store;
        Task<string?> next = Task.Run(async () =>
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await write().ConfigureAwait(false);
        });
        _store = next;
        return next;
    }
}
