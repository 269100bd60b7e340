namespace MetaMap.Cli.Hosting;

/// <summary>Says that a node waits for another: once after a few seconds, then rarely, however many attempts it makes.</summary>
/// <param name="sentence">What it waits for.</param>
/// <param name="time">Clock.</param>
internal sealed class WaitingWords(string sentence, TimeProvider time)
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _silence = TimeSpan.FromMinutes(1);

    private long? _since;
    private int _said;

    /// <summary>What is to be said now; null where it has been said, or need not be.</summary>
    /// <param name="isThere">Whether the other has come.</param>
    public string? Next(bool isThere)
    {
        if (isThere)
        {
            (_since, _said) = (null, 0);
            return null;
        }

        _since ??= time.GetTimestamp();
        TimeSpan waited = time.GetElapsedTime(_since.Value);
        int due = waited < _patience ? 0 : 1 + (int)((waited - _patience) / _silence);
        if (due <= _said)
        {
            return null;
        }

        _said = due;
        return sentence;
    }

    /// <summary>Says it on standard error where it is due.</summary>
    /// <param name="isThere">Whether the other has come.</param>
    /// <param name="over">Ends it.</param>
    public async Task Say(Func<bool> isThere, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            if (Next(isThere()) is { } words)
            {
                await Console.Error.WriteLineAsync(words).ConfigureAwait(false);
            }

            await Task.Delay(_look, time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
