using System.Collections.Immutable;

namespace MetaMap.Shared.Membership;

/// <summary>How coordinators with a list of seeds find together, and together again. Pure.</summary>
public static class SeedPolicy
{
    /// <summary>Two clusters that see each other for this long become one.</summary>
    public static TimeSpan MergeAfter { get; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The seeds in the order in which to join. The first of the list begins a cluster when nobody answers; a node that
    /// lost its cluster looks for the others first, and begins a new one only when it has found none.
    /// </summary>
    /// <param name="seeds">As configured.</param>
    /// <param name="self">This coordinator as <c>host:port</c>.</param>
    /// <param name="rejoinAttempt">Null at the first start; after that the attempts to join again, from 0.</param>
    public static ImmutableArray<string> Order(IReadOnlyList<string> seeds, string self, int? rejoinAttempt) =>
        rejoinAttempt == 0 && seeds.Contains(self) ? [.. seeds.Where(seed => seed != self), self] : [.. seeds];

    /// <summary>
    /// Whether this coordinator gives its cluster up for another one: a seed that is no member of it answers all the
    /// same, and is earlier in the list than every coordinator here, or this cluster was only begun because the others
    /// could not be found.
    /// </summary>
    /// <param name="seeds">As configured.</param>
    /// <param name="members">Coordinators of this cluster as <c>host:port</c>, this one included.</param>
    /// <param name="answering">Seeds that answered all the time for <see cref="MergeAfter"/> without being members.</param>
    /// <param name="isMakeshift">This node began the cluster after it had lost another one.</param>
    public static bool Yields(IReadOnlyList<string> seeds, IReadOnlyCollection<string> members, IReadOnlyCollection<string> answering, bool isMakeshift) =>
        answering.Count > 0 && (isMakeshift || seeds.First(seed => members.Contains(seed) || answering.Contains(seed)) is { } first && answering.Contains(first));
}
