using System.Collections.Immutable;
using MetaMap.Chaos.Schedule;

namespace MetaMap.Chaos.Links;

/// <summary>Where nodes live, and what can be done to the links between them.</summary>
internal interface ILinks : IAsyncDisposable
{
    /// <summary>What can be done to a link of each role.</summary>
    ImmutableDictionary<NodeRole, ImmutableArray<FaultKind>> Faults { get; }

    /// <summary>True when nodes listen beyond loopback.</summary>
    bool IsOpen { get; }

    /// <summary>The driver's own address, as nodes see it.</summary>
    string OwnHost { get; }

    /// <summary>Makes a place for a node.</summary>
    Task Add(NodeName node);

    /// <summary>The address that the node listens on.</summary>
    string BindHost(NodeName node);

    /// <summary>The address that others reach it by.</summary>
    string PublicHost(NodeName node);

    /// <summary>Words before a command, so that it runs in the node's place.</summary>
    ImmutableArray<string> Inside(NodeName node);

    /// <summary>Begins a fault of the link.</summary>
    Task Begin(FaultKind kind, NodeName node);

    /// <summary>Undoes it.</summary>
    Task End(FaultKind kind, NodeName node);
}
