namespace MetaMap.Coordinator.Runs.Board;

/// <summary>
/// A reading that many may ask for at once. Who comes while one is under way waits for the next, which answers all that have come
/// by then: each gets what was there when it asked, or later. Thread-safe.
/// </summary>
/// <param name="read">Reads.</param>
internal sealed class SharedReading<T>(Func<Task<T>> read)
{
    private readonly object _lock = new();
    private Task _current = Task.CompletedTask;
    private Task<T>? _next;

    /// <summary>The next reading.</summary>
    public Task<T> Take()
    {
        lock (_lock)
        {
            return _next ??= ReadAfter(_current);
        }
    }

    private async Task<T> ReadAfter(Task current)
    {
        await current.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            (_next, _current) = (null, over.Task);
        }

        try
        {
            return await read().ConfigureAwait(false);
        }
        finally
        {
            over.SetResult();
        }
    }
}
