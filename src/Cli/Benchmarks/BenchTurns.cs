using System.Collections.Immutable;
using System.Globalization;

namespace MetaMap.Cli.Benchmarks;

/// <summary>A way of training that is measured.</summary>
/// <param name="Name">For people.</param>
/// <param name="Measure">Measures it once.</param>
internal sealed record BenchWay(string Name, Func<Task<BenchRun>> Measure);

/// <summary>The measurements of a way of training.</summary>
/// <param name="Name">The way's.</param>
/// <param name="Runs">One of each turn.</param>
internal sealed record BenchResult(string Name, ImmutableArray<BenchRun> Runs)
{
    /// <summary>Episodes a second, the least first.</summary>
    public ImmutableArray<double> Rates { get; } = [.. Runs.Select(run => run.EpisodesPerSecond).Order()];

    /// <summary>Episodes a second.</summary>
    public double Median => (Rates[(Rates.Length - 1) / 2] + Rates[Rates.Length / 2]) / 2;
}

/// <summary>Measures ways of training in turns, so that a machine that becomes slower is so for all, and says on standard error how far it is.</summary>
internal static class BenchTurns
{
    /// <param name="what">What is trained, for people.</param>
    /// <param name="ways">The ways, in the order of their turns.</param>
    /// <param name="repeats">Measurements of each.</param>
    public static async Task<ImmutableArray<BenchResult>> Take(string what, ImmutableArray<BenchWay> ways, int repeats)
    {
        var runs = ways.Select(_ => ImmutableArray.CreateBuilder<BenchRun>(repeats)).ToArray();
        for (int turn = 1; turn <= repeats; turn++)
        {
            for (int i = 0; i < ways.Length; i++)
            {
                string measured = $"metamap: {what}, {turn} of {repeats}, {ways[i].Name}";
                await Console.Error.WriteLineAsync($"{measured} ...").ConfigureAwait(false);
                BenchRun run = await ways[i].Measure().ConfigureAwait(false);
                await Console.Error.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"{measured}: {run.EpisodesPerSecond:F1} episodes/s over {run.Iterations} iterations")).ConfigureAwait(false);
                runs[i].Add(run);
            }
        }

        return [.. ways.Select((way, i) => new BenchResult(way.Name, runs[i].MoveToImmutable()))];
    }
}
