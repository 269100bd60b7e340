using System.Collections.Immutable;
using Akka.Actor;

namespace MetaMap.Shared.Membership;

/// <summary>A member of the cluster as one coordinator sees it.</summary>
/// <param name="Address">Its node.</param>
/// <param name="IsCoordinator">Whether it owns runs.</param>
/// <param name="UnreachableFor">How long this coordinator has had no heartbeat from it; null while there are heartbeats.</param>
/// <param name="IsJoining">Not up yet: it has no say as long as a coordinator that is up can be reached.</param>
internal sealed record MemberView(Address Address, bool IsCoordinator, TimeSpan? UnreachableFor, bool IsJoining = false);

/// <summary>A coordinator's decision about members that it cannot reach.</summary>
/// <param name="Downed">Members to remove from the cluster; its own address when it is in the minority.</param>
/// <param name="Reason">A readable sentence.</param>
internal sealed record DowningDecision(ImmutableArray<Address> Downed, string Reason);

/// <summary>
/// Decides who stays after a partition, as a pure function: the side with at least half of the coordinators. So the crash of
/// any coordinator but the last leaves the others running, a minority of three leaves, and no loss of workers downs anybody
/// else. When all coordinators that are up are lost, those that were joining go on: nobody else could promote them to up.
/// Of two coordinators, both halves stay: the store's epochs, not membership, decide which of them trains a run.
/// <para>
/// None of Akka's strategies does this. With two coordinators, <c>keep-oldest</c> dies with the oldest, <c>keep-majority</c>
/// with the lowest address, and <c>static-quorum</c> of one downs everybody when there are two. All of them also down a
/// coordinator that one worker cannot reach while others can ("indirectly connected").
/// </para>
/// </summary>
internal static class DowningPolicy
{
    /// <summary>Role of the members that decide who stays: those that own runs.</summary>
    public const string CoordinatorRole = "coordinator";

    /// <summary>A member is downed when it has been unreachable for this long.</summary>
    public static TimeSpan StableAfter { get; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// Two coordinators that only lost each other would down one another. Each therefore waits this much longer for every
    /// coordinator with a lower address, so that the first one's decision arrives before the second decides.
    /// </summary>
    public static TimeSpan PatienceByRank { get; } = TimeSpan.FromSeconds(3);

    /// <summary>Decides.</summary>
    /// <param name="self">This coordinator.</param>
    /// <param name="members">All members that are joining, up or leaving, this one included.</param>
    /// <returns>Null while there is nothing to do.</returns>
    public static DowningDecision? Decide(Address self, IReadOnlyCollection<MemberView> members)
    {
        bool isJoining = members.Any(member => member.Address == self && member.IsJoining);
        ImmutableArray<MemberView> coordinators = [.. members.Where(member => member.IsCoordinator && !member.IsJoining)];
        int reachable = coordinators.Count(member => member.UnreachableFor is null);
        int rank = members.Count(member => member.IsCoordinator && member.IsJoining == isJoining && Address.Comparer.Compare(member.Address, self) < 0);
        TimeSpan coordinatorPatience = (isJoining ? 2 * StableAfter : StableAfter) + (rank * PatienceByRank);
        ImmutableArray<MemberView> lost =
            [.. members.Where(member => member.UnreachableFor >= (member.IsCoordinator && !member.IsJoining ? coordinatorPatience : StableAfter))];
        if (lost.IsEmpty || (isJoining && !coordinators.All(lost.Contains)))
        {
            return null;
        }

        if (isJoining)
        {
            return new([.. lost.Select(member => member.Address)],
                $"no coordinator that is up is reachable from {self}, which was joining: {string.Join(", ", lost.Select(member => member.Address))} is removed");
        }

        string seen = $"{reachable} of {coordinators.Length} coordinators are reachable from {self}";
        if (2 * reachable >= coordinators.Length)
        {
            return new([.. lost.Select(member => member.Address)], $"{seen}: {string.Join(", ", lost.Select(member => member.Address))} is removed");
        }

        // A minority removes only itself: the other side removes whom it cannot reach.
        return lost.Any(member => member.IsCoordinator) ? new([self], $"{seen}: this node leaves and joins anew") : null;
    }
}
