using System.Collections.Immutable;
using Akka.Actor;

namespace MetaMap.Worker.Machine;

/// <summary>A worker's coordinators, and whether they still answer.</summary>
/// <param name="Coordinators">Up members of its cluster: it registers with each of them again and again.</param>
/// <param name="Registered">Those that have welcomed it.</param>
/// <param name="HeardAt">When one of them answered last.</param>
/// <param name="IsLost">None answers any more, or one has removed this node.</param>
internal sealed record Contact(
    ImmutableSortedSet<Address> Coordinators, ImmutableSortedSet<Address> Registered, TimeSpan HeardAt, bool IsLost)
{
    public static Contact None(TimeSpan now) =>
        new(ImmutableSortedSet.Create(Address.Comparer), ImmutableSortedSet.Create(Address.Comparer), now, false);
}
