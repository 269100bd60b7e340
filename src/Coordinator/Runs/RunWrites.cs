using System.Text.Json;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Stores;
using MetaMap.Core;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// Everything that a run writes: to its store, one call after the other, and to other files. Nothing runs on the caller's
/// thread, every outcome is an input of <see cref="RunMachine"/>, and no task fails. Owned by one actor.
/// </summary>
/// <param name="run">The claimed run.</param>
/// <param name="journal">The journal of the claim.</param>
internal sealed class RunWrites(PreparedRun run, RunJournal journal)
{
    private static readonly JsonSerializerOptions _lineConventions = new(RunOptionsJson.Conventions) { WriteIndented = false };

    private RunCommit? _commit;
    private JournalLines? _flush;
    private Task _before = Task.CompletedTask;

    /// <summary>Adds a line to the journal, to be stored with the next commit or flush.</summary>
    public void Note(JournalEntry entry) => journal.Add(entry);

    /// <summary>Commits a group; a group that is tried again is committed unchanged.</summary>
    public Task<RunInput> Commit(CommitGroup group)
    {
        RunCommit commit = _commit?.Number == group.Number ? _commit : _commit = new RunCommit(
            group.Number, group.State, group.Model, [.. group.Steps.Select(Measure)], journal.Lines,
            journal.Add(group.Steps.Where(step => step.Metrics is not null).Select(step =>
                JournalEntry.Of(JournalEvent.Committed, step.Metrics!.Iteration) with { Sha256 = step.Sha256 })),
            group.IsModelExported)
        {
            Kept = [.. group.Steps.Select(step => step.Kept).OfType<MetaState>().Where(state => state.Iteration != group.State.Iteration)],
        };
        return After(async () => new RunInput.Committed(await run.Hold.Commit(commit).ConfigureAwait(false)), problem => new RunInput.CommitFailed(problem));
    }

    /// <summary>Stores the journal's lines.</summary>
    /// <returns>Null when there are none, or another call is in progress.</returns>
    public Task<RunInput>? FlushJournal()
    {
        if (!_before.IsCompleted || journal.Lines is not { Lines.Length: > 0 } lines)
        {
            return null;
        }

        _flush = lines;
        return After(
            async () =>
            {
                await run.Hold.AppendJournal(lines).ConfigureAwait(false);
                return new RunInput.JournalFlushed(null);
            },
            problem => new RunInput.JournalFlushed(problem));
    }

    /// <summary>Gives the run back. If the outcome of a commit is unknown, no line claims that it is durable.</summary>
    public Task<RunInput> Release(RunStatus status, string? reason)
    {
        JournalLines lines = _commit?.Facts ?? journal.Lines;
        return After(
            async () =>
            {
                await run.Hold.AppendJournal(lines).ConfigureAwait(false);
                await run.Hold.Release(status, reason).ConfigureAwait(false);
                return new RunInput.Released(null);
            },
            problem => new RunInput.Released(problem));
    }

    /// <summary>Shows that the owner is alive, concurrently with other calls.</summary>
    public Task<RunInput> Renew() => Task.Run(() => Outcome(
        async () =>
        {
            await run.Hold.Heartbeat.Renew().ConfigureAwait(false);
            return new RunInput.Renewed(null);
        },
        problem => new RunInput.Renewed(problem)));

    /// <summary>Exports the episode of a quarantined block for inspection.</summary>
    public Task<RunInput> Export(QuarantinedBlock block) => After(
        () => Task.FromResult<RunInput>(new RunInput.QuarantineExported(run.ExportQuarantined(block))), problem => new RunInput.QuarantineExported(problem));

    /// <summary>Exports the episode at which the run diverged, for inspection.</summary>
    public Task<RunInput> Export(DivergedException error) => After(
        () => Task.FromResult<RunInput>(new RunInput.DivergedExported(run.ExportDiverged(error))), problem => new RunInput.DivergedExported($"{error.Message} {problem}"));

    /// <summary>An outcome has arrived: drops the lines that it shows to be stored.</summary>
    public void Heard(RunInput outcome)
    {
        switch (outcome)
        {
            case RunInput.Committed committed when _commit is { } commit:
                journal.Stored(committed.Problem is null ? commit.Committed : commit.Facts);
                _commit = null;
                break;
            case RunInput.JournalFlushed { Problem: null } when _flush is { } lines:
                journal.Stored(lines);
                break;
            default:
                break;
        }
    }

    private static MeasureLine Measure(CommitStep step) => step.Metrics is { } metrics
        ? new(metrics.Iteration, JsonSerializer.Serialize(metrics, _lineConventions))
        : new(step.Validation!.Iteration, JsonSerializer.Serialize(step.Validation, _lineConventions));

    private Task<RunInput> After(Func<Task<RunInput>> write, Func<string, RunInput> failed)
    {
        Task before = _before;
        Task<RunInput> next = Task.Run(async () =>
        {
            await before.ConfigureAwait(false);
            return await Outcome(write, failed).ConfigureAwait(false);
        });
        _before = next;
        return next;
    }

    private static async Task<RunInput> Outcome(Func<Task<RunInput>> call, Func<string, RunInput> failed)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (FencedException fenced)
        {
            return new RunInput.Fenced(fenced.Message);
        }
#pragma warning disable CA1031 // Whatever a store throws is reported to the run as the outcome of the call.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return failed(ReadableException.Describe(error));
        }
    }
}
