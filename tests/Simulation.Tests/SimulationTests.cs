using System.Globalization;
using CsCheck;
using MetaMap.Testing;
using Xunit.Abstractions;

namespace MetaMap.Simulation.Tests;

/// <summary>
/// Thousands of simulated clusters in trouble. A failure names its seed; METAMAP_SIMULATION_SEED=N simulates that one alone, and
/// METAMAP_SIMULATION_WORLDS=N as many as wanted.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Worlds = 200;

    [Fact]
    public void Live_AnyWorld_FinishesWithTheBitsOfAnUndisturbedRun()
    {
        if (Number("METAMAP_SIMULATION_SEED") is { } seed)
        {
            output.WriteLine(string.Join('\n', Simulate(seed).Simulator.Trace));
            return;
        }

        (long worlds, long troubles, long downings, long merges, long moves, long tookOver, long refused, long evaluations, long events) = (0, 0, 0, 0, 0, 0, 0, 0, 0);
        Gen.Long.Repeatable().Sample(
            drawn =>
            {
                World world = Simulate(drawn);
                Interlocked.Increment(ref worlds);
                Interlocked.Add(ref troubles, world.Troubles);
                Interlocked.Add(ref downings, world.Downings);
                Interlocked.Add(ref merges, world.Merges);
                Interlocked.Add(ref moves, world.Moves);
                Interlocked.Add(ref tookOver, world.TookOver);
                Interlocked.Add(ref refused, world.Store.Refused);
                Interlocked.Add(ref evaluations, world.Promises.Evaluations);
                Interlocked.Add(ref events, world.Simulator.Events);
            },
            iter: Number("METAMAP_SIMULATION_WORLDS") ?? Worlds);
        output.WriteLine(
            $"{worlds} worlds, {troubles} troubles: {downings} downings, {merges} coordinators joined another cluster, {moves} runs moved, "
            + $"{tookOver} owners lost the run, {refused} calls of former owners refused, {evaluations} evaluations, {events} events in {Environment.CpuUsage.TotalTime.TotalSeconds:0} s");
        Assert.True(troubles > worlds, "the worlds had hardly any trouble");
        Assert.All([downings, merges, moves, tookOver, refused, evaluations], count => Assert.True(count > 0));
    }

    [Fact]
    public void Live_TheSameSeed_IsTheSameWorld() => Gen.Long.Repeatable().Sample(
        seed => Simulate(seed).Simulator.Trace.SequenceEqual(Simulate(seed).Simulator.Trace), iter: 5);

    private static World Simulate(long seed)
    {
        World world = new(SimulationPlan.For(seed));
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
