using System.Collections.Immutable;
using MetaMap.Training.Aggregation;

namespace MetaMap.Simulation.Tests;

/// <summary>How far a node has got in its cluster; it never goes back.</summary>
internal enum MemberPhase
{
    Joining,
    Up,
    Gone,
}

/// <summary>A node in a cluster.</summary>
/// <param name="Id">The node.</param>
/// <param name="IsCoordinator">Whether it owns runs.</param>
/// <param name="Phase">How far it has got.</param>
/// <param name="Age">The place in which it came up; 0 before.</param>
internal sealed record ClusterMember(NodeId Id, bool IsCoordinator, MemberPhase Phase, int Age);

/// <summary>A cluster as one node knows it. Views are merged when nodes gossip: of each member the furthest phase holds.</summary>
/// <param name="Members">Those that are gone, too.</param>
internal sealed record ClusterView(ImmutableSortedDictionary<NodeId, ClusterMember> Members)
{
    public static ClusterView None { get; } = new(ImmutableSortedDictionary<NodeId, ClusterMember>.Empty);

    public ImmutableArray<ClusterMember> Present { get; } = [.. Members.Values.Where(member => member.Phase != MemberPhase.Gone)];

    /// <summary>Coordinators that are up, the oldest first: the same order on all nodes that have heard the same.</summary>
    public ImmutableArray<ClusterMember> Coordinators { get; } = [.. Members.Values
        .Where(member => member is { IsCoordinator: true, Phase: MemberPhase.Up }).OrderBy(member => member.Age).ThenBy(member => member.Id)];

    public ClusterMember? Find(NodeId id) => Members.GetValueOrDefault(id);

    public bool Has(NodeId id) => Find(id) is { Phase: not MemberPhase.Gone };

    /// <summary>The node that is there under a name.</summary>
    public ClusterMember? Named(string name) => Present.FirstOrDefault(member => member.Id.Name == name);

    public ClusterView With(ClusterMember member) => new(Members.SetItem(member.Id, member));

    /// <summary>A node joins; a former life of it is gone.</summary>
    public ClusterView Join(NodeId id, bool isCoordinator) => Members.ContainsKey(id) ? this
        : Remove(Present.Where(member => member.Id.Name == id.Name).Select(member => member.Id)).With(new ClusterMember(id, isCoordinator, MemberPhase.Joining, 0));

    public ClusterView Remove(IEnumerable<NodeId> gone) =>
        gone.Aggregate(this, (view, id) => view.With(view.Members[id] with { Phase = MemberPhase.Gone }));

    /// <summary>Lets everybody up who is joining.</summary>
    public ClusterView LetUp()
    {
        int age = Members.Values.Max(member => member.Age);
        return Members.Values.Where(member => member.Phase == MemberPhase.Joining)
            .Aggregate(this, (view, member) => view.With(member with { Phase = MemberPhase.Up, Age = ++age }));
    }

    public ClusterView Merge(ClusterView other)
    {
        if (ReferenceEquals(this, other))
        {
            return this;
        }

        ImmutableSortedDictionary<NodeId, ClusterMember> merged = Members;
        foreach (ClusterMember member in other.Members.Values)
        {
            if (!Members.TryGetValue(member.Id, out ClusterMember? known) || member.Phase > known.Phase
                || (member.Phase == known.Phase && member.Age < known.Age))
            {
                merged = merged.SetItem(member.Id, member);
            }
        }

        return ReferenceEquals(merged, Members) ? this : new ClusterView(merged);
    }
}
