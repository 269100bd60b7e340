using System.Collections.Immutable;
using System.Text;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Training;

namespace MetaMap.Coordinator.Stores.Directories;

/// <summary>A claimed run directory. Every change first checks, under the directory's lock, that nobody has claimed it since.</summary>
internal sealed class DirectoryHold(
    RunDirectory directory, RunOwner owner, MetaState? state, ImmutableArray<string> ignored, TimeProvider time) : IRunHold
{
    private readonly List<string> _late = [];
    private int _journaled;
    private RunOwner _owner = owner;
    private int _committed = state?.Iteration ?? 0;
    private volatile bool _isCommitting;

    public string Location => directory.Path;

    public long Epoch => _owner.Epoch;

    public MetaState? State { get; } = state;

    public ImmutableArray<string> Ignored { get; } = ignored;

    public async Task<string?> Commit(RunCommit commit)
    {
        _isCommitting = true;
        try
        {
            return await Write(commit).ConfigureAwait(false);
        }
        finally
        {
            _isCommitting = false;
        }
    }

    private Task<string?> Write(RunCommit commit) => Owning(() =>
    {
        if (commit.Previous != _committed)
        {
            throw new InvalidOperationException($"Iteration {commit.State.Iteration} of {directory.Path} was to follow {commit.Previous}, but {_committed} is committed.");
        }

        // A commit that is tried again begins with what the failed one held.
        _late.AddRange(commit.Journal.Skip(_journaled));
        _journaled = commit.Journal.Count;
        WriteLate();

        // Lines first: should the process end here, the next claim cuts off those of iterations that have no checkpoint.
        long length = Append(directory.MetricsPath, commit.Lines.Select(line => line.Json));
        try
        {
            directory.Save(commit.State);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Shorten(directory.MetricsPath, length);
            throw new StoreException($"The checkpoint of iteration {commit.State.Iteration} could not be written: {error.Message} The checkpoint before it stays.", error);
        }

        _committed = commit.State.Iteration;
        _journaled = 0;
        return Beside(commit);
    });

    public Task Append(ImmutableArray<string> journal)
    {
        // What cannot be stored now is stored with what comes next.
        _late.AddRange(journal);
        return Owning(() =>
        {
            WriteLate();
            return true;
        });
    }

    /// <summary>While a large commit is being written, the lock that it holds is the sign of life.</summary>
    public Task Renew() => _isCommitting ? Task.CompletedTask : Owning(() =>
    {
        RunOwner renewed = _owner with { Renewals = _owner.Renewals + 1 };
        DirectoryFiles.Write(directory, renewed);
        _owner = renewed;
        return true;
    });

    public Task Release(RunPhase? phase, string? problem) => Owning(() =>
    {
        if (phase is { } wanted && DirectoryFiles.Read(directory) is { } run)
        {
            DirectoryFiles.Write(directory, run with { Phase = wanted, Problem = problem });
        }

        DirectoryFiles.Write(directory, _owner with { Node = null });
        return true;
    });

    /// <summary>What follows a commit: it stands already, and what fails now is done with the next one.</summary>
    /// <returns>Null, or what could not be written.</returns>
    private string? Beside(RunCommit commit)
    {
        try
        {
            _late.AddRange(commit.CommittedJournal);
            WriteLate();
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

    private void WriteLate()
    {
        Append(directory.JournalPath, _late);
        _late.Clear();
    }

    /// <summary>Appends whole lines, or none.</summary>
    /// <returns>The length before.</returns>
    private static long Append(string path, IEnumerable<string> lines)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        using FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        long length = EndOfLastLine(stream);
        try
        {
            stream.Position = length;
            stream.Write(bytes);
            return length;
        }
        catch (IOException)
        {
            stream.SetLength(length);
            throw;
        }
    }

    // A process that was killed while it wrote leaves half a line, which nobody can read: it is written over.
    private static long EndOfLastLine(FileStream stream)
    {
        long end = stream.Length;
        while (end > 0)
        {
            stream.Position = end - 1;
            if (stream.ReadByte() == '\n')
            {
                break;
            }

            end--;
        }

        stream.SetLength(end);
        return end;
    }

    private static void Shorten(string path, long length)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.Read);
        stream.SetLength(length);
    }

    private Task<T> Owning<T>(Func<T> change) => DirectoryStore.Guarded(async () =>
    {
        using IDisposable gate = await DirectoryGate.Enter(directory, time).ConfigureAwait(false);
        RunOwner now = DirectoryFiles.ReadOwner(directory);
        return now.Epoch == Epoch && now.IsSelf
            ? change()
            : throw new FencedException($"The run in {directory.Path} was taken over by {now.Node ?? "another process"} (epoch {now.Epoch}, this node had {Epoch}).");
    });
}
