namespace MetaMap.Simulation.Tests;

/// <summary>Messages between nodes: lost, doubled, late and out of order, until the network is healed. Late ones still come then.</summary>
/// <param name="simulator">Clock and chance.</param>
/// <param name="plan">How bad it is.</param>
internal sealed class SimulatedNetwork(Simulator simulator, SimulationPlan plan)
{
    private readonly List<SimulatedNode> _nodes = [];

    /// <summary>No message is lost or doubled any more.</summary>
    public bool IsHealed { get; set; }

    public void Add(SimulatedNode node) => _nodes.Add(node);

    /// <summary>Sends a message to a node in one of its lives; it may be gone when the message comes.</summary>
    public void Send(SimulatedNode from, string to, Action<SimulatedNode> receive)
    {
        if (IsCut(from) || (!IsHealed && simulator.Chance(plan.Drop)))
        {
            return;
        }

        Deliver(to, receive);
        if (!IsHealed && simulator.Chance(plan.Duplicate))
        {
            Deliver(to, receive);
        }
    }

    private bool IsCut(SimulatedNode node) => !IsHealed && node.CutUntil > simulator.Now;

    private void Deliver(string to, Action<SimulatedNode> receive)
    {
        TimeSpan delay = simulator.Between(0.0005, simulator.Chance(0.05) && !IsHealed ? plan.MostDelaySeconds : 0.02);
        simulator.After(delay, () =>
        {
            if (_nodes.FirstOrDefault(node => node.Address == to) is { } node && !IsCut(node))
            {
                node.Happen(node.Life, () => receive(node));
            }
        });
    }
}
