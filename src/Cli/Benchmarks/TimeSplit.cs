using MetaMap.Coordinator.Runs.Board;
using MetaMap.Shared.Messages;

namespace MetaMap.Cli.Benchmarks;

/// <summary>Where the time of a cluster went.</summary>
/// <param name="Lanes">What the lanes did; workers report it every two seconds.</param>
/// <param name="Parts">What the iterations took at the coordinator.</param>
/// <param name="Iterations">How many.</param>
internal sealed record TimeSplit(LaneTimes Lanes, IterationTimes Parts, int Iterations)
{
    /// <summary>From an earlier to a later moment.</summary>
    public static TimeSplit operator -(TimeSplit later, TimeSplit earlier) =>
        new(later.Lanes - earlier.Lanes, later.Parts - earlier.Parts, later.Iterations - earlier.Iterations);
}
