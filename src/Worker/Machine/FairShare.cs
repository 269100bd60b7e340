using System.Collections.Immutable;

namespace MetaMap.Worker.Machine;

/// <summary>
/// Whose block a lane computes next when several runs wait: the one that has had the least lane time by its weight.
/// Start-time fair queueing (Goyal, Vin and Cheng 1996, equations 4 and 5) with measured times: a block is charged with its
/// run's mean when it begins, since nobody knows better, and with the difference when it ends. Immutable and pure.
/// </summary>
/// <param name="Shares">By run.</param>
/// <param name="VirtualTime">Weighted lane time, seconds, of the run that is furthest behind; it never falls.</param>
internal sealed record FairShare(ImmutableSortedDictionary<string, LaneShare> Shares, double VirtualTime)
{
    /// <summary>
    /// Lane seconds that a run which had no blocks may catch up: a run has none for a moment after each of its iterations,
    /// and its share would be lost to the others again and again (as sleepers are placed in Linux's completely fair scheduler).
    /// </summary>
    public const double MaxCreditSeconds = 1;

    /// <summary>No runs.</summary>
    public static FairShare Empty { get; } = new(ImmutableSortedDictionary.Create<string, LaneShare>(StringComparer.Ordinal), 0);

    /// <summary>A block waits. A run that had none is at most <see cref="MaxCreditSeconds"/> behind: what it did not use long ago is no credit.</summary>
    /// <param name="run">Whose.</param>
    /// <param name="weight">The run's weight, above 0.</param>
    public FairShare Arrive(string run, double weight)
    {
        LaneShare? known = Shares.GetValueOrDefault(run);
        LaneShare share = known ?? LaneShare.None;
        double credit = known is null ? 0 : MaxCreditSeconds;
        return With(run, share with
        {
            Weight = weight,
            Jobs = share.Jobs + 1,
            WeightedSeconds = share.Jobs == 0 ? Math.Max(share.WeightedSeconds, VirtualTime - (credit / weight)) : share.WeightedSeconds,
        });
    }

    /// <summary>A block that waited was taken back.</summary>
    public FairShare Withdraw(string run) => With(run, Shares[run] with { Jobs = Shares[run].Jobs - 1 });

    /// <summary>The run whose block is next; null when none waits.</summary>
    /// <param name="waiting">Runs with blocks that wait.</param>
    public string? Next(IEnumerable<string> waiting) =>
        waiting.MinBy(run => (Shares[run].WeightedSeconds, run), Comparer<(double, string)>.Create((a, b) =>
            a.Item1 != b.Item1 ? a.Item1.CompareTo(b.Item1) : string.CompareOrdinal(a.Item2, b.Item2)));

    /// <summary>A lane begins a block.</summary>
    /// <returns>The shares, and the seconds that were charged.</returns>
    public (FairShare Shares, double ChargedSeconds) Begin(string run)
    {
        LaneShare share = Shares[run];
        double charged = share.MeanSeconds ?? Shares.Values.Select(other => other.MeanSeconds).Max() ?? 1;
        double level = Shares.Values.Where(other => other.Jobs > 0).Min(other => other.WeightedSeconds);
        FairShare next = this with { VirtualTime = Math.Max(VirtualTime, level) };
        return (next.With(run, share with { WeightedSeconds = share.WeightedSeconds + (charged / share.Weight) }), charged);
    }

    /// <summary>A lane has ended a block.</summary>
    /// <param name="run">Whose.</param>
    /// <param name="chargedSeconds">What <see cref="Begin"/> charged.</param>
    /// <param name="seconds">What it took.</param>
    public FairShare End(string run, double chargedSeconds, double seconds)
    {
        LaneShare share = Shares[run];
        return With(run, share with
        {
            Jobs = share.Jobs - 1,
            MeanSeconds = share.MeanSeconds is { } mean ? mean + ((seconds - mean) / 8) : seconds,
            WeightedSeconds = share.WeightedSeconds + ((seconds - chargedSeconds) / share.Weight),
        });
    }

    /// <summary>A run is over.</summary>
    public FairShare Forget(string run) => Shares.TryGetValue(run, out LaneShare? share) && share.Jobs == 0
        ? this with { Shares = Shares.Remove(run) } : this;

    private FairShare With(string run, LaneShare share) => this with { Shares = Shares.SetItem(run, share) };
}

/// <summary>What one run has had.</summary>
/// <param name="Weight">Above 0.</param>
/// <param name="WeightedSeconds">Lane time by weight, with what blocks under way are expected to take.</param>
/// <param name="MeanSeconds">Running mean of its blocks; null before the first has ended.</param>
/// <param name="Jobs">Blocks that wait or are under way.</param>
internal sealed record LaneShare(double Weight, double WeightedSeconds, double? MeanSeconds, int Jobs)
{
    /// <summary>Nothing yet.</summary>
    public static LaneShare None { get; } = new(1, 0, null, 0);
}
