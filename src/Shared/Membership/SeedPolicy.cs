using System.Collections.Immutable;

namespace MetaMap.Shared.Membership;

/// <summary>How coordinators with a list of seeds form a cluster, and form one again after it has split. Pure.</summary>
internal static class SeedPolicy
{
    /// <summary>Two clusters that see each other for this long become one.</summary>
    public static TimeSpan MergeAfter { get; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The seeds in the order in which to join; a node that is first in its own order starts a cluster when nobody answers.
    /// At the first start, that is the first of the list. A node that lost its cluster looks for the others first; whenever
    /// an attempt has found nobody, one more seed, in the order of the list, may start a cluster at the next attempt.
    /// </summary>
    /// <param name="seeds">As configured.</param>
    /// <param name="self">This coordinator as <c>host:port</c>.</param>
    /// <param name="rejoinAttempt">Null at the first start; 0 after losing a cluster; then the number of attempts that found nobody.</param>
    public static ImmutableArray<string> Order(IReadOnlyList<string> seeds, string self, int? rejoinAttempt)
    {
        int place = seeds.ToList().IndexOf(self);
        IEnumerable<string> others = seeds.Where(seed => seed != self);
        return place < 0 || rejoinAttempt is not { } attempt ? [.. seeds]
            : place < attempt ? [self, .. others]
            : [.. others, self];
    }

    /// <summary>What a coordinator concludes from probing the seeds that are not members of its cluster.</summary>
    /// <param name="seeds">As configured.</param>
    /// <param name="members">Coordinators of this cluster as <c>host:port</c>, this one included.</param>
    /// <param name="answering">Seeds that answered just now.</param>
    /// <param name="before">What earlier probes have found.</param>
    /// <param name="now">Time on the coordinator's monotonic clock.</param>
    /// <returns>The new findings, and the other cluster's seeds when this coordinator is to join them.</returns>
    internal static (Lasting<string> Found, ImmutableArray<string> Joins) Judge(
        IReadOnlyList<string> seeds, IReadOnlyCollection<string> members, IEnumerable<string> answering, Lasting<string> before, TimeSpan now)
    {
        Lasting<string> found = before.Observe(answering.Except(members), now);
        ImmutableArray<string> others = [.. seeds.Where(seed => found.For(seed, now) >= MergeAfter)];
        return (found, Yields(seeds, members, others) ? others : []);
    }

    /// <summary>
    /// Whether this coordinator gives up its cluster for another one: seeds that are not members of it answer, and are
    /// most of the list, or the first of them is earlier in the list than every coordinator here. A cluster with most of
    /// the list stays.
    /// </summary>
    /// <param name="seeds">As configured.</param>
    /// <param name="members">Coordinators of this cluster as <c>host:port</c>, this one included.</param>
    /// <param name="answering">Seeds that have answered throughout <see cref="MergeAfter"/> without being members.</param>
    public static bool Yields(IReadOnlyList<string> seeds, IReadOnlyCollection<string> members, IReadOnlyCollection<string> answering) =>
        answering.Count > 0 && 2 * members.Count <= seeds.Count
        && (2 * answering.Count > seeds.Count || answering.Contains(seeds.First(seed => members.Contains(seed) || answering.Contains(seed))));
}
