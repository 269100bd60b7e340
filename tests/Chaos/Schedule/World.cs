using System.Collections.Immutable;

namespace MetaMap.Chaos.Schedule;

/// <summary>Which nodes there are, and until when each is in trouble. Immutable and pure.</summary>
/// <param name="TroubledUntil">By node; a time in the past for a sound one.</param>
internal sealed record World(ImmutableSortedDictionary<NodeName, TimeSpan> TroubledUntil)
{
    /// <summary>A node has this long between two faults, so that each fault meets a node that works.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    private static readonly Comparer<NodeName> _order = Comparer<NodeName>.Create((left, right) =>
        left.Role != right.Role ? left.Role.CompareTo(right.Role) : left.Number.CompareTo(right.Number));

    /// <summary>All nodes sound.</summary>
    public static World Of(int coordinators, int workers) => new(
        Enumerable.Range(1, coordinators).Select(i => new NodeName(NodeRole.Coordinator, i))
            .Concat(Enumerable.Range(1, workers).Select(i => new NodeName(NodeRole.Worker, i)))
            .ToImmutableSortedDictionary(node => node, _ => -Rest, _order));

    /// <summary>Nodes of a role.</summary>
    public IEnumerable<NodeName> Nodes(NodeRole role) => TroubledUntil.Keys.Where(node => node.Role == role);

    /// <summary>Nodes of a role that have been sound for long enough.</summary>
    public ImmutableArray<NodeName> Sound(NodeRole role, TimeSpan now) => [.. Nodes(role).Where(node => now >= TroubledUntil[node] + Rest)];

    /// <summary>The world with a fault in it.</summary>
    /// <exception cref="InvalidOperationException">The node is in trouble already, or there is no such node.</exception>
    public World With(Fault fault) => TroubledUntil.TryGetValue(fault.Node, out TimeSpan until) && fault.At >= until + Rest
        ? new World(TroubledUntil.SetItem(fault.Node, fault.Until))
        : throw new InvalidOperationException($"{fault.Node} is not sound at {fault.At}.");
}
