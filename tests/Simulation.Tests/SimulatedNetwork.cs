namespace MetaMap.Simulation.Tests;

/// <summary>Messages between nodes: lost, doubled, late and out of order, until the network is healed. Late ones still come then.</summary>
/// <param name="simulator">Clock and chance.</param>
/// <param name="plan">How bad it is.</param>
internal sealed class SimulatedNetwork(Simulator simulator, SimulationPlan plan)
{
    private HashSet<SimulatedNode> _side = [];
    private TimeSpan _apartUntil;

    /// <summary>No message is lost or doubled any more.</summary>
    public bool IsHealed { get; set; }

    /// <summary>Cuts some nodes off from all others for a while.</summary>
    public void Part(HashSet<SimulatedNode> side, TimeSpan lasting) => (_side, _apartUntil) = (side, simulator.Now + lasting);

    /// <summary>Whether bytes pass from one node to another.</summary>
    public bool Passes(SimulatedNode from, SimulatedNode to) => IsHealed || from == to
        || (from.CutUntil <= simulator.Now && to.CutUntil <= simulator.Now && (_apartUntil <= simulator.Now || _side.Contains(from) == _side.Contains(to)));

    /// <summary>Sends a message to a node in one of its lives; it may be gone when the message comes. Nobody counts on it.</summary>
    public void Send(SimulatedNode from, SimulatedNode to, int life, Action receive)
    {
        if (from == to)
        {
            Deliver(from, to, life, TimeSpan.Zero, receive);
            return;
        }

        if (!IsHealed && simulator.Chance(plan.Drop))
        {
            return;
        }

        Deliver(from, to, life, Delay(), receive);
        if (!IsHealed && simulator.Chance(plan.Duplicate))
        {
            Deliver(from, to, life, Delay(), receive);
        }
    }

    /// <summary>Sends what the cluster's own protocol makes sure of as long as the link is whole.</summary>
    public void SendSurely(SimulatedNode from, SimulatedNode to, int life, Action receive) =>
        Deliver(from, to, life, simulator.Between(0.0005, 0.02), receive);

    private TimeSpan Delay() => simulator.Between(0.0005, simulator.Chance(0.05) && !IsHealed ? plan.MostDelaySeconds : 0.02);

    private void Deliver(SimulatedNode from, SimulatedNode to, int life, TimeSpan delay, Action receive)
    {
        if (Passes(from, to))
        {
            simulator.After(delay, () =>
            {
                if (Passes(from, to))
                {
                    to.Happen(life, receive);
                }
            });
        }
    }
}
