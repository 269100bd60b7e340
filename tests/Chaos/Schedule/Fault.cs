using System.Globalization;

namespace MetaMap.Chaos.Schedule;

/// <summary>What is done to a node.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL; started again afterwards.</summary>
    Kill,

    /// <summary>SIGTERM, which must end the process in good order; started again afterwards.</summary>
    Terminate,

    /// <summary>SIGSTOP for less than the failure detector notices, then SIGCONT.</summary>
    ShortPause,

    /// <summary>SIGSTOP until the others have given the node up, then SIGCONT.</summary>
    LongPause,

    /// <summary>No byte passes to or from the node.</summary>
    Partition,

    /// <summary>The node's link has little bandwidth.</summary>
    Slow,

    /// <summary>Every byte to and from the node is late.</summary>
    Delay,

    /// <summary>The node's connections are cut at once; new ones are let through.</summary>
    Reset,
}

/// <summary>What a node is for.</summary>
internal enum NodeRole
{
    /// <summary>Owns runs.</summary>
    Coordinator,

    /// <summary>Computes.</summary>
    Worker,
}

/// <summary>Names a node, e.g. <c>worker-2</c>.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="Number">From 1.</param>
internal readonly record struct NodeName(NodeRole Role, int Number)
{
    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Role.ToString().ToLowerInvariant()}-{Number}");
}

/// <summary>One fault of a schedule.</summary>
/// <param name="At">Since the start.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Node">To whom.</param>
/// <param name="Lasting">Until it is undone: restarted, continued, healed.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, NodeName Node, TimeSpan Lasting)
{
    /// <summary>When it is undone.</summary>
    public TimeSpan Until => At + Lasting;

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{At.TotalSeconds,7:0.0} s  {Kind.ToString().ToLowerInvariant(),-10} {Node}  for {Lasting.TotalSeconds:0.0} s");
}
