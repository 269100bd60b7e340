using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Stores.Directories;

/// <summary>
/// Stores runs in a folder, one <see cref="RunDirectory"/> each: the default, without a server, for one coordinator or several
/// that share a volume. An owner is alive while its process exists (where that can be checked) and it renews its entry.
/// </summary>
/// <param name="root">The folder; created with the first run.</param>
/// <param name="time">Clock of the waiting times.</param>
/// <param name="kept">Which versions stay; null for the default.</param>
internal sealed class DirectoryStore(string root, TimeProvider time, KeptVersions? kept = null) : IRunStore
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc />
    public string Location { get; } = Path.GetFullPath(root);

    /// <inheritdoc />
    public RunDirectory? DirectoryOf(string runId) => IsFolder(runId) ? Of(runId) : null;

    /// <inheritdoc />
    public Task Open() => Task.CompletedTask;

    /// <inheritdoc />
    public Task<ImmutableArray<StoredRun>> List() => Guarded(() => Task.FromResult(!Directory.Exists(root) ? [] : Directory.GetDirectories(root)
        .Where(path => File.Exists(new RunDirectory(path).ConfigPath))
        .Select(path => DirectoryFiles.Read(new RunDirectory(path))).OfType<StoredRun>()
        .OrderBy(run => run.Created).ThenBy(run => run.RunId, StringComparer.Ordinal).ToImmutableArray()));

    /// <inheritdoc />
    public Task<StoredRun?> Find(string runId) => Guarded(() => Task.FromResult(IsFolder(runId) ? DirectoryFiles.Read(Of(runId)) : null));

    /// <inheritdoc />
    public Task Create(StoredRun run, MetaState? first = null) => Guarded(() =>
    {
        RunDirectory directory = Of(run.RunId);
        if (!File.Exists(directory.ConfigPath))
        {
            directory.ForgetStart();
            // run.json first: a folder holds a run once it has a config.json, and by then the requested state must be known.
            Directory.CreateDirectory(directory.Path);
            DirectoryFiles.Write(directory, run);
            if (first is not null)
            {
                directory.Prepare();
                directory.Save(first);
            }
        }

        directory.Create(run.Options);
        return Task.FromResult(true);
    });

    /// <inheritdoc />
    public Task Queue(string runId, bool isAttended, RunOptions? options = null, RunPolicy? policy = null) => ChangeUnowned(runId, run =>
    {
        if (options is not null && run.Options != options)
        {
            Of(runId).UpdateOptions(options);
        }

        return run with { Status = RunStatus.Queued, Problem = null, IsAttended = isAttended, Policy = policy ?? run.Policy };
    });

    /// <inheritdoc />
    public Task SetStatus(string runId, RunStatus status, string? problem) => ChangeUnowned(runId, run => run with { Status = status, Problem = problem });

    /// <inheritdoc />
    public Task<IRunHold> Claim(string runId, ParameterLayout layout) => Guarded<IRunHold>(async () =>
    {
        RunDirectory directory = Of(runId);
        _ = directory.ReadOptions();
        (RunOwner before, IDisposable gate) = await EnterUnowned(directory).ConfigureAwait(false);
        using IDisposable entered = gate;
        directory.Prepare();
        (MetaState? state, ImmutableArray<string> ignored) = directory.Newest(layout);
        RunOwner owner = RunOwner.Self with { Epoch = before.Epoch + 1 };
        DirectoryFiles.Write(directory, owner);
        directory.TrimMetrics(state?.Iteration ?? 0);
        return new DirectoryHold(directory, owner.Epoch, state, ignored, kept ?? KeptVersions.Default, time);
    });

    /// <inheritdoc />
    public Task<MetaState?> Load(string runId, int? iteration, ParameterLayout layout) => Guarded(() => Task.FromResult(
        !IsFolder(runId) ? null : iteration is { } version ? Of(runId).LoadVersion(version, layout) : Of(runId).Load(layout).State));

    /// <inheritdoc />
    public Task<ImmutableArray<string>> Measures(string runId, int from, int most) =>
        Guarded(() => Task.FromResult<ImmutableArray<string>>(IsFolder(runId) ? [.. Of(runId).MeasuresFrom(from).Take(most)] : []));

    /// <inheritdoc />
    public Task<ImmutableArray<int>> Versions(string runId) => Guarded(() => Task.FromResult<ImmutableArray<int>>(IsFolder(runId) ? [.. Of(runId).KeptIterations().Reverse()] : []));

    /// <inheritdoc />
    public Task Delete(string runId) => Guarded(async () =>
    {
        RunDirectory directory = Of(runId);
        (_, IDisposable gate) = await EnterUnowned(directory).ConfigureAwait(false);
        using IDisposable entered = gate;
        Directory.Delete(directory.Path, recursive: true);
        DirectoryFiles.Forget(directory);
        return true;
    });

    /// <summary>Turns file system errors into a <see cref="StoreException"/> with one sentence.</summary>
    internal static async Task<T> Guarded<T>(Func<Task<T>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(error.Message, error);
        }
    }

    /// <summary>True for the name of a folder directly below the store's; paths are not accepted.</summary>
    private static bool IsFolder(string runId) => runId is not ("" or "." or "..") && Path.GetFileName(runId) == runId && !runId.Contains('\0', StringComparison.Ordinal);

    private RunDirectory Of(string runId) => new(Path.Combine(Location, runId));

    private Task<bool> ChangeUnowned(string runId, Func<StoredRun, StoredRun> change) => Guarded(async () =>
    {
        RunDirectory directory = Of(runId);
        (_, IDisposable gate) = await EnterUnowned(directory).ConfigureAwait(false);
        using IDisposable entered = gate;
        if (DirectoryFiles.Read(directory) is { } run)
        {
            DirectoryFiles.Write(directory, change(run));
        }

        return true;
    });

    /// <summary>Enters the directory of a run that has no living owner and that nobody has claimed in the meantime.</summary>
    private async Task<(RunOwner Last, IDisposable Gate)> EnterUnowned(RunDirectory directory)
    {
        RunOwner before = await Unowned(directory).ConfigureAwait(false);
        IDisposable gate = await DirectoryGate.Enter(directory, time).ConfigureAwait(false);
        RunOwner now = DirectoryFiles.ReadOwner(directory);
        if (now.Epoch != before.Epoch)
        {
            gate.Dispose();
            throw Owned(directory, now);
        }

        return (before, gate);
    }

    /// <summary>Waits until it is certain that the run has no living owner.</summary>
    /// <returns>The last owner.</returns>
    private async Task<RunOwner> Unowned(RunDirectory directory)
    {
        RunOwner first = DirectoryFiles.ReadOwner(directory);
        for (TimeSpan waited = TimeSpan.Zero; !first.IsGone && !first.IsSelf && waited < Ownership.Patience; waited += _look)
        {
            await Task.Delay(_look, time).ConfigureAwait(false);
            RunOwner now = DirectoryFiles.ReadOwner(directory);
            if (now != first)
            {
                return now.IsGone ? now : throw Owned(directory, now);
            }
        }

        return first;
    }

    private static OwnedException Owned(RunDirectory directory, RunOwner owner) => new(
        $"The run in {directory.Path} is owned by {owner.Node}, which is alive; stop it there, or wait until it ends.");
}
