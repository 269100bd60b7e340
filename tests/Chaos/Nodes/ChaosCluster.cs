using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Chaos.Links;
using MetaMap.Chaos.Schedule;

namespace MetaMap.Chaos.Nodes;

/// <summary>The nodes of a chaos run. Faults are begun and undone here, and a process that ends by itself is started again, as a container engine would.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    /// <summary>Port of the cluster on every coordinator; each has an address of its own.</summary>
    public const int Port = 4053;

    private const int HttpPort = 8080;

    /// <summary>The exit code of a process that SIGTERM ends before it has a handler.</summary>
    private const int TerminatedWhileLoading = 128 + 15;

    /// <summary>A process that was told to end has this long.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(45);

    private readonly ILinks _links;
    private readonly CommandLines _commands;
    private readonly Action<string, NodeName, string> _tell;
    private readonly SortedDictionary<string, NodeProcess> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeName, TimeSpan> _startAt = [];
    private readonly Dictionary<NodeName, TimeSpan> _endBefore = [];

    /// <summary>Prepares nodes; none runs yet.</summary>
    /// <param name="links">Where they live.</param>
    /// <param name="commands">How each is started.</param>
    /// <param name="folder">For logs.</param>
    /// <param name="tell">Hears of events: what, to whom, details.</param>
    public ChaosCluster(ILinks links, CommandLines commands, string folder, Action<string, NodeName, string> tell)
    {
        (_links, _commands, _tell) = (links, commands, tell);
        foreach (NodeName name in commands.Nodes)
        {
            _nodes[name.ToString()] = new NodeProcess(name, Path.Combine(folder, name + ".log"));
        }
    }

    /// <summary>What went wrong with processes: sentences for people.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Processes that ended by themselves.</summary>
    public int EndedByThemselves { get; private set; }

    /// <summary>Where each coordinator answers HTTP, and its life: which start of it.</summary>
    public IEnumerable<(NodeName Node, int Life, Uri Url)> Coordinators => _nodes.Values.Where(node => node.Name.Role == NodeRole.Coordinator)
        .Select(node => (node.Name, node.Lives, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{_links.BindHost(node.Name)}:{HttpPort}"))));

    /// <summary>Starts every node that does not run.</summary>
    public void StartAll()
    {
        foreach (NodeProcess node in _nodes.Values.Where(node => node.State == NodeState.Down))
        {
            Start(node);
        }
    }

    /// <summary>Begins a fault.</summary>
    /// <returns>False when the node is not up: it takes long to end, or has ended by itself.</returns>
    public async Task<bool> Begin(Fault fault, TimeSpan now)
    {
        NodeProcess node = _nodes[fault.Node.ToString()];
        if (node.State != NodeState.Running || node.ExitCode is not null)
        {
            return false;
        }

        switch (fault.Kind)
        {
            case FaultKind.Kill:
                node.Kill();
                _startAt[fault.Node] = fault.Until;
                break;
            case FaultKind.Terminate:
                node.Terminate();
                _startAt[fault.Node] = fault.Until;
                _endBefore[fault.Node] = now + _grace;
                break;
            case FaultKind.ShortPause or FaultKind.LongPause:
                node.Pause();
                break;
            default:
                await _links.Begin(fault.Kind, fault.Node);
                break;
        }

        return true;
    }

    /// <summary>Undoes a fault; killed and ended nodes are started by <see cref="Watch"/>.</summary>
    public async Task End(Fault fault)
    {
        switch (fault.Kind)
        {
            case FaultKind.Kill or FaultKind.Terminate:
                break;
            case FaultKind.ShortPause or FaultKind.LongPause:
                _nodes[fault.Node.ToString()].Continue();
                break;
            default:
                await _links.End(fault.Kind, fault.Node);
                break;
        }
    }

    /// <summary>Looks after all processes: starts what is due, and what ended by itself.</summary>
    public void Watch(TimeSpan now)
    {
        foreach (NodeProcess node in _nodes.Values)
        {
            if (node.State == NodeState.Ending)
            {
                WatchEnding(node, now);
            }

            if (node.State == NodeState.Running && node.ExitCode is { } code)
            {
                EndedByThemselves++;
                _tell("ended", node.Name, $"by itself with exit code {code}; started again");
                Start(node);
            }
            else if (node.State == NodeState.Down && _startAt.GetValueOrDefault(node.Name) <= now)
            {
                Start(node);
                _tell("started", node.Name, $"life {node.Lives}");
            }
        }
    }

    /// <summary>The end of what a node said.</summary>
    public IEnumerable<string> LogTail(NodeName node, int lines) =>
        File.Exists(_nodes[node.ToString()].Log) ? File.ReadLines(_nodes[node.ToString()].Log).TakeLast(lines) : [];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (NodeProcess node in _nodes.Values)
        {
            node.Dispose();
        }

        await _links.DisposeAsync();
    }

    private void WatchEnding(NodeProcess node, TimeSpan now)
    {
        if (node.ExitCode is { } code)
        {
            _tell("exited", node.Name, $"with exit code {code} after SIGTERM");
            if (code != 0 && !(code == TerminatedWhileLoading && node.IsSilent))
            {
                Problems.Add($"{node.Name} ended with exit code {code} after SIGTERM; see {node.Log}");
            }

            node.Kill();
        }
        else if (now > _endBefore[node.Name])
        {
            Problems.Add($"{node.Name} did not end within {_grace.TotalSeconds:0} s of SIGTERM; see {node.Log}");
            _tell("killed", node.Name, "because it did not end after SIGTERM");
            node.Kill();
        }
    }

    private void Start(NodeProcess node) => node.Start(_links.Inside(node.Name), _commands.Of(node.Name));
}
