using System.Collections.Immutable;

namespace MetaMap.Training.Rounds;

/// <summary>How long recent blocks took, from lease to result. Immutable.</summary>
/// <param name="Recent">The newest times, at most <see cref="Kept"/>, the oldest first.</param>
public sealed record BlockTimes(ImmutableQueue<TimeSpan> Recent)
{
    /// <summary>Number of times that are kept.</summary>
    public const int Kept = 64;

    /// <summary>No times yet.</summary>
    public static BlockTimes None { get; } = new(ImmutableQueue<TimeSpan>.Empty);

    /// <summary>Number of times, 0 to <see cref="Kept"/>.</summary>
    public int Count { get; private init; }

    /// <summary>The median (of an even number, the upper of the two in the middle); null when no times are known.</summary>
    public TimeSpan? Median { get; private init; }

    /// <summary>Adds a block's time; the oldest is dropped when there are too many.</summary>
    public BlockTimes Add(TimeSpan time)
    {
        ImmutableQueue<TimeSpan> recent = (Count == Kept ? Recent.Dequeue() : Recent).Enqueue(time);
        TimeSpan[] sorted = [.. recent.Order()];
        return new BlockTimes(recent) { Count = sorted.Length, Median = sorted[sorted.Length / 2] };
    }
}
