using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Chaos.Links;
using MetaMap.Chaos.Schedule;

namespace MetaMap.Chaos.Nodes;

/// <summary>How each node is started: the arguments of this build's command.</summary>
/// <param name="links">Where nodes live.</param>
/// <param name="options">Of the chaos run.</param>
/// <param name="runs">Folder of the coordinators' runs.</param>
/// <param name="config">File with the options of the runs.</param>
internal sealed class CommandLines(ILinks links, ChaosOptions options, string runs, string config)
{
    /// <summary>The run that a lone coordinator begins with, or goes on with after a restart.</summary>
    public string Run { get; set; } = "";

    /// <summary>All nodes.</summary>
    public ImmutableArray<NodeName> Nodes { get; } = [.. World.Of(options.Coordinators, options.Workers).TroubledUntil.Keys];

    /// <summary>The coordinators' store, as nodes see it; null for a folder.</summary>
    public string? Store => options.Store?.Replace("{host}", links.OwnHost, StringComparison.Ordinal);

    private string Seeds => string.Join(',', Nodes.Where(node => node.Role == NodeRole.Coordinator)
        .Select(node => string.Create(CultureInfo.InvariantCulture, $"{links.PublicHost(node)}:{ChaosCluster.Port}")));

    /// <summary>The arguments of a node.</summary>
    public ImmutableArray<string> Of(NodeName node) =>
        [.. node.Role == NodeRole.Coordinator ? Coordinator(node) : Worker(node), .. links.IsOpen ? ["--insecure"] : Array.Empty<string>()];

    private ImmutableArray<string> Coordinator(NodeName node) =>
    [
        "coordinator", "--host", links.BindHost(node), "--advertise", links.PublicHost(node), "--port", Text(ChaosCluster.Port),
        "--http-host", links.BindHost(node), "--runs", runs,
        .. options.Coordinators == 1 ? ["--name", Run, "--config", config] : new[] { "--no-run", "--seeds", Seeds },
        .. Store is { } store ? ["--store", store] : Array.Empty<string>(),
    ];

    // Every other worker comes back at the address of its former life.
    private ImmutableArray<string> Worker(NodeName node) =>
    [
        "worker", "--coordinator", Seeds, "--host", links.BindHost(node), "--port", Text(node.Number % 2 * ChaosCluster.Port), "--threads", "1",
        "--parent", Text(Environment.ProcessId),
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
