using MetaMap.Core;

namespace MetaMap.Simulation.Tests;

/// <summary>How bad one simulated world is; follows from its seed.</summary>
/// <param name="Seed">Of the plan and of everything that happens.</param>
/// <param name="Coordinators">1 to 3.</param>
/// <param name="Workers">1 to 5.</param>
/// <param name="Drop">Share of messages that are lost.</param>
/// <param name="Duplicate">Share of messages that come twice.</param>
/// <param name="MostDelaySeconds">One message in twenty is as late as this at most.</param>
/// <param name="TroubleSeconds">Mean time between two troubles.</param>
/// <param name="HealAfter">Then the network is whole, somebody lives, and the run must finish.</param>
internal sealed record SimulationPlan(
    long Seed, int Coordinators, int Workers, double Drop, double Duplicate, double MostDelaySeconds, double TroubleSeconds, TimeSpan HealAfter)
{
    /// <summary>Share of the blocks that two workers compute.</summary>
    public double Audit { get; init; }

    /// <summary>The run is measured on its validation classes.</summary>
    public bool IsValidated { get; init; }

    /// <summary>Share of the store's operations that fail.</summary>
    public double StoreFailures { get; init; }

    /// <summary>The store fails, loses answers and is slow in this way until the network is healed.</summary>
    public double StoreDelaySeconds { get; init; }

    /// <summary>A client has the model evaluated now and then.</summary>
    public bool IsEvaluated { get; init; }

    /// <summary>Draws a plan.</summary>
    public static SimulationPlan For(long seed)
    {
        DeterministicRandom random = DeterministicRandom.For("simulation-plan", seed);
        return new(
            seed, 1 + random.NextInt(3), 1 + random.NextInt(5), random.NextDouble() * 0.3, random.NextDouble() * 0.3,
            random.NextDouble(0.1, 60), random.NextDouble(1, 20), TimeSpan.FromSeconds(random.NextInt(90)))
        {
            Audit = random.NextInt(3) switch { 0 => 0, 1 => 0.5, _ => 1 },
            IsValidated = random.NextInt(2) == 0,
            StoreFailures = random.NextInt(2) == 0 ? 0 : 0.3 * random.NextDouble(),
            StoreDelaySeconds = random.NextDouble(0.01, 3),
            IsEvaluated = random.NextInt(2) == 0,
        };
    }
}
