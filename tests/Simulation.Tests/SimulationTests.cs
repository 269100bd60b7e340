using System.Globalization;
using CsCheck;
using Xunit.Abstractions;

namespace MetaMap.Simulation.Tests;

/// <summary>
/// Thousands of simulated clusters in trouble. A failure names its seed; METAMAP_SIMULATION_SEED=N simulates that one alone, and
/// METAMAP_SIMULATION_WORLDS=N as many as wanted.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Worlds = 4000;

    [Fact]
    public void Live_AnyWorld_FinishesWithTheBitsOfAnUndisturbedRun()
    {
        if (Number("METAMAP_SIMULATION_SEED") is { } seed)
        {
            Simulate(seed);
            return;
        }

        (long worlds, long troubles, long refused) = (0, 0, 0);
        Gen.Long.Sample(
            drawn =>
            {
                World world = Simulate(drawn);
                Interlocked.Increment(ref worlds);
                Interlocked.Add(ref troubles, world.Troubles);
                Interlocked.Add(ref refused, world.Store.Refused);
            },
            iter: Number("METAMAP_SIMULATION_WORLDS") ?? Worlds);
        output.WriteLine($"{worlds} worlds, {troubles} troubles, {refused} commits of former owners refused");
        Assert.True(troubles > worlds, "the worlds had hardly any trouble");
        Assert.True(refused > 0, "no former owner tried to commit");
    }

    [Fact]
    public void Live_TheSameSeed_IsTheSameWorld() => Gen.Long.Sample(
        seed => Simulate(seed).Simulator.Trace.SequenceEqual(Simulate(seed).Simulator.Trace), iter: 20);

    private static World Simulate(long seed)
    {
        World world = new(SimulationPlan.For(seed), new SimulatedStore());
        try
        {
            world.Live();
            return world;
        }
        catch (Exception error)
        {
            throw new Xunit.Sdk.XunitException(
                $"METAMAP_SIMULATION_SEED={seed}: {error.Message}\n{SimulationPlan.For(seed)}\n{string.Join('\n', world.Simulator.Trace)}\n{error.StackTrace}");
        }
    }

    private static long? Number(string variable) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
}
