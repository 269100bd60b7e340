using System.Collections.Immutable;

namespace MetaMap.Shared.Membership;

/// <summary>Since when something has been true of each item without interruption. Immutable.</summary>
/// <param name="Since">Time on a monotonic clock.</param>
internal sealed record Lasting<T>(ImmutableDictionary<T, TimeSpan> Since) where T : notnull
{
    /// <summary>True of nothing.</summary>
    public static Lasting<T> None { get; } = new(ImmutableDictionary<T, TimeSpan>.Empty);

    /// <summary>Records another observation.</summary>
    /// <param name="those">The items of which it is true now.</param>
    /// <param name="now">The time.</param>
    public Lasting<T> Observe(IEnumerable<T> those, TimeSpan now) => new(those.Distinct().ToImmutableDictionary(one => one, one => Since.GetValueOrDefault(one, now)));

    /// <summary>For how long it has been true; null when it is not.</summary>
    public TimeSpan? For(T one, TimeSpan now) => Since.TryGetValue(one, out TimeSpan since) ? now - since : null;
}
