using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Cli.Output;
using MetaMap.Cli.Progress;

namespace MetaMap.Cli.Benchmarks;

/// <summary>A way of training that is measured.</summary>
/// <param name="Name">For people.</param>
/// <param name="Measure">Measures it once, and says how far it is.</param>
internal sealed record BenchWay(string Name, Func<BenchProgress, Task<BenchRun>> Measure);

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

/// <summary>
/// Measures ways of training in turns, so that a machine that becomes slower is so for all, and shows how far it is: live on a terminal, otherwise on standard error.
/// </summary>
internal static class BenchTurns
{
    /// <param name="what">What is trained, for people.</param>
    /// <param name="ways">The ways, in the order of their turns.</param>
    /// <param name="repeats">Measurements of each.</param>
    /// <param name="reporter">Knows whether there is a terminal.</param>
    /// <param name="expected">About how long a measurement takes; null where nobody knows.</param>
    public static Task<ImmutableArray<BenchResult>> Take(string what, ImmutableArray<BenchWay> ways, int repeats, Reporter reporter, TimeSpan? expected = null)
    {
        BenchProgress progress = new(what, [.. ways.Select(way => way.Name)], repeats, TimeProvider.System, expected);
        var measuring = Task.Run(() => Measure(ways, repeats, progress));
        return !reporter.IsJson && LiveScreen.IsPossible ? LiveScreen.While(measuring, progress.Draw, keep: false) : measuring;
    }

    private static async Task<ImmutableArray<BenchResult>> Measure(ImmutableArray<BenchWay> ways, int repeats, BenchProgress progress)
    {
        ImmutableArray<BenchRun>.Builder[] runs = [.. ways.Select(_ => ImmutableArray.CreateBuilder<BenchRun>(repeats))];
        for (int number = 0; number < repeats * ways.Length; number++)
        {
            progress.Begin(number);
            string measured = $"metamap: {progress.Title}";
            if (!LiveScreen.IsDrawn)
            {
                await Console.Error.WriteLineAsync($"{measured} ...{(progress.Left is { } all ? $" ({RunStanding.Time(all)} left)" : "")}").ConfigureAwait(false);
            }

            BenchRun run = await ways[number % ways.Length].Measure(progress).ConfigureAwait(false);
            progress.End();
            await Console.Error.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{measured}: {run.EpisodesPerSecond:F1} episodes/s over {run.Iterations} iterations")).ConfigureAwait(false);
            runs[number % ways.Length].Add(run);
        }

        return [.. ways.Select((way, i) => new BenchResult(way.Name, runs[i].MoveToImmutable()))];
    }
}
