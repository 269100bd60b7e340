using System.Collections.Immutable;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Stores.Directories;

/// <summary>A claimed run directory. Every change first checks, under the directory's lock, that nobody has claimed it since.</summary>
internal sealed class DirectoryHold(
    RunDirectory directory, long epoch, MetaState? state, ImmutableArray<string> ignored, KeptVersions kept, TimeProvider time) : IRunHold, IRunHeartbeat
{
    private int _commits;
    private long _journalLines;
    private long? _journalLength;
    private volatile bool _isCommitting;

    public string Location => directory.Path;

    public RunDirectory Directory => directory;

    public long Epoch => epoch;

    public MetaState? State => state;

    public ImmutableArray<string> Ignored => ignored;

    public IRunHeartbeat Heartbeat => this;

    public async Task<string?> Commit(RunCommit commit)
    {
        _isCommitting = true;
        try
        {
            return await Owning(_ => commit.Number == _commits ? null : Write(commit)).ConfigureAwait(false);
        }
        finally
        {
            _isCommitting = false;
        }
    }

    public Task AppendJournal(JournalLines lines) => Owning(_ =>
    {
        Write(lines);
        return true;
    });

    public async Task Renew()
    {
        // While a large commit is being written, the lock that it holds shows that the owner is alive.
        if (!_isCommitting)
        {
            try
            {
                await Owning(owner =>
                {
                    DirectoryFiles.Write(directory, owner with { Renewals = owner.Renewals + 1 });
                    return true;
                }).ConfigureAwait(false);
            }
            catch (StoreException) when (_isCommitting)
            {
                // A commit began in the meantime and has the lock.
            }
        }
    }

    public Task Release(RunStatus status, string? problem) => Owning(owner =>
    {
        if (status != RunStatus.Queued && DirectoryFiles.Read(directory) is { } run)
        {
            DirectoryFiles.Write(directory, run with { Status = status, Problem = problem });
        }

        DirectoryFiles.Write(directory, owner with { Node = null });
        return true;
    });

    private string? Write(RunCommit commit)
    {
        if (commit.Number != _commits + 1)
        {
            throw new InvalidOperationException($"Commit {commit.Number} of {directory.Path} was to follow commit {_commits}.");
        }

        Write(commit.Facts);
        // Lines first: if the process ends here, the next claim cuts off lines of iterations that have no checkpoint.
        (long before, _) = directory.Metrics.Append(commit.Measures.Select(line => line.Json));
        try
        {
            foreach (MetaState state in commit.Kept.Add(commit.State))
            {
                directory.Save(state, kept);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            directory.Metrics.Shorten(before);
            throw new StoreException($"The checkpoint of iteration {commit.State.Iteration} could not be written: {error.Message} The checkpoint before it stays.", error);
        }

        _commits = commit.Number;
        try
        {
            Write(commit.Committed);
            if (commit.IsModelExported)
            {
                directory.Export(commit.Model, commit.State.Selection);
            }

            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"Iteration {commit.State.Iteration} is committed, but its model or journal could not be written: {error.Message}";
        }
    }

    private void Write(JournalLines lines)
    {
        string[] missing = [.. lines.After(_journalLines)];
        if (missing.Length > 0)
        {
            (_, _journalLength) = directory.Journal.Append(missing, _journalLength);
            _journalLines = lines.Last;
        }
    }

    private Task<T> Owning<T>(Func<RunOwner, T> change) => DirectoryStore.Guarded(async () =>
    {
        using IDisposable gate = await DirectoryGate.Enter(directory, time).ConfigureAwait(false);
        RunOwner now = DirectoryFiles.ReadOwner(directory);
        return now.Epoch == epoch && now.IsSelf
            ? change(now)
            : throw new FencedException($"The run in {directory.Path} was taken over by {now.Node ?? "another process"} (epoch {now.Epoch}, this node had {epoch}).");
    });
}
