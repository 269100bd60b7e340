using System.Collections.Immutable;
using Akka.Actor;

namespace MetaMap.Worker.Machine;

/// <summary>A worker's coordinators, and whether they still answer.</summary>
/// <param name="Coordinators">Coordinators that are up in its cluster; it registers with each of them repeatedly.</param>
/// <param name="Registered">Coordinators that have accepted it.</param>
/// <param name="HeardAt">When a coordinator last answered.</param>
/// <param name="IsLost">No coordinator answers any more, or one has removed this node.</param>
internal sealed record Contact(
    ImmutableSortedSet<Address> Coordinators, ImmutableSortedSet<Address> Registered, TimeSpan HeardAt, bool IsLost)
{
    public static Contact None(TimeSpan now) =>
        new(ImmutableSortedSet.Create(Address.Comparer), ImmutableSortedSet.Create(Address.Comparer), now, false);
}
