using MetaMap.Training.Checkpoints;

namespace MetaMap.Coordinator.Stores.Directories;

/// <summary>
/// Makes related changes in a run's directory atomic towards other processes: an exclusive lock on its file <c>lock</c>,
/// held for milliseconds and released by the system when the process ends.
/// </summary>
internal static class DirectoryGate
{
    private static readonly TimeSpan _again = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Enters; leaves when the result is disposed.</summary>
    /// <exception cref="IOException">The file cannot be written, or another process does not release it.</exception>
    public static async Task<IDisposable> Enter(RunDirectory directory, TimeProvider time) => await Patience
        .Of(time, _again, _patience, error => error is IOException and not (FileNotFoundException or DirectoryNotFoundException) && IsInUse(error))
        .ExecuteAsync(_ => ValueTask.FromResult(
            new FileStream(directory.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))).ConfigureAwait(false);

    // EWOULDBLOCK on Unix (11 on Linux, 35 on macOS), a sharing violation on Windows.
    private static bool IsInUse(Exception error) => (error.HResult & 0xFFFF) is 11 or 35 or 32;
}
