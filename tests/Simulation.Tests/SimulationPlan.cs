using MetaMap.Core.Episodes;

namespace MetaMap.Simulation.Tests;

/// <summary>How bad one simulated world is; follows from its seed.</summary>
/// <param name="Seed">Of the plan and of everything that happens.</param>
/// <param name="Coordinators">1 to 3.</param>
/// <param name="Workers">1 to 5.</param>
/// <param name="Drop">Share of messages that are lost.</param>
/// <param name="Duplicate">Share of messages that come twice.</param>
/// <param name="MostDelaySeconds">One message in twenty is as late as this at most.</param>
/// <param name="TroubleSeconds">Mean time between two crashes, pauses, cuts and changes of owner.</param>
/// <param name="HealAfter">Then the network is whole, somebody lives, and the run must finish.</param>
internal sealed record SimulationPlan(
    long Seed, int Coordinators, int Workers, double Drop, double Duplicate, double MostDelaySeconds, double TroubleSeconds, TimeSpan HealAfter)
{
    /// <summary>Draws a plan.</summary>
    public static SimulationPlan For(long seed)
    {
        DeterministicRandom random = DeterministicRandom.For("simulation-plan", seed);
        return new(
            seed, 1 + random.NextInt(3), 1 + random.NextInt(5), random.NextDouble() * 0.3, random.NextDouble() * 0.3,
            random.NextDouble(0.1, 60), random.NextDouble(1, 20), TimeSpan.FromSeconds(random.NextInt(90)));
    }
}
