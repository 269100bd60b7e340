namespace MetaMap.Worker;

/// <summary>
/// Tells a health check that the worker is well: a worker has no HTTP interface, so while it is registered with a
/// coordinator, it rewrites a small file every 2 seconds; an old file means trouble.
/// </summary>
/// <param name="path">The file, in a folder that exists.</param>
public sealed class HealthFile(string path)
{
    /// <summary>A file older than this means that the worker is not registered any more, or hangs: 15 seconds.</summary>
    public static TimeSpan MaximumAge { get; } = TimeSpan.FromSeconds(15);

    /// <summary>Removes what an earlier process left behind.</summary>
    /// <exception cref="IOException">The folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be removed.</exception>
    public void Clear() => File.Delete(path);

    /// <summary>Writes the file.</summary>
    /// <param name="workerId">Its content.</param>
    /// <param name="failed">Receives the reason when the file cannot be written.</param>
    public void Write(string workerId, Action<string> failed)
    {
        try
        {
            File.WriteAllText(path, workerId + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            failed(error.Message);
        }
    }

    /// <summary>Null when the worker is well, else one sentence that says why not.</summary>
    /// <param name="now">The current time, to compare with the file's.</param>
    public string? Problem(DateTimeOffset now)
    {
        if (!File.Exists(path))
        {
            return $"The worker has not been registered with a coordinator yet: there is no {path}; start it with --health-file {path}.";
        }

        TimeSpan age = now - File.GetLastWriteTimeUtc(path);
        return age <= MaximumAge
            ? null : $"The worker is not registered with a coordinator any more, or hangs: it last wrote {path} {age.TotalSeconds:0} s ago.";
    }
}
