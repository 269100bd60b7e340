using System.Collections.Immutable;

namespace MetaMap.Worker.Machine;

/// <summary>
/// Chooses whose block a lane computes next when several runs wait: the run with the least lane time relative to its weight.
/// Start-time fair queueing (Goyal, Vin and Cheng 1996, equations 4 and 5) with measured times: when a block begins, its run
/// is charged its mean time, the best estimate there is, and when it ends, the difference. Immutable and pure.
/// </summary>
/// <param name="Shares">The share of each run.</param>
/// <param name="VirtualTime">Weighted lane time, seconds, of the run that is furthest behind; it never falls.</param>
internal sealed record FairShare(ImmutableSortedDictionary<string, LaneShare> Shares, double VirtualTime)
{
    /// <summary>
    /// Lane seconds that a run without blocks may catch up on: a run has none for a moment after each of its iterations, and
    /// would lose its share to the others each time (as sleepers are placed in Linux's completely fair scheduler).
    /// </summary>
    public const double MaxCreditSeconds = 1;

    /// <summary>No runs.</summary>
    public static FairShare Empty { get; } = new(ImmutableSortedDictionary.Create<string, LaneShare>(StringComparer.Ordinal), 0);

    /// <summary>A block arrives. A run that had none is at most <see cref="MaxCreditSeconds"/> behind: older unused time is no credit.</summary>
    /// <param name="run">The block's run.</param>
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

    /// <summary>A waiting block was withdrawn.</summary>
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
    /// <param name="run">The block's run.</param>
    /// <param name="chargedSeconds">What <see cref="Begin"/> charged.</param>
    /// <param name="seconds">How long it took.</param>
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

/// <summary>The lane time that one run has had.</summary>
/// <param name="Weight">Above 0.</param>
/// <param name="WeightedSeconds">Lane time divided by weight, including the expected time of running blocks.</param>
/// <param name="MeanSeconds">Running mean time of its blocks; null before the first has ended.</param>
/// <param name="Jobs">Blocks that wait or run.</param>
internal sealed record LaneShare(double Weight, double WeightedSeconds, double? MeanSeconds, int Jobs)
{
    /// <summary>Nothing yet.</summary>
    public static LaneShare None { get; } = new(1, 0, null, 0);
}
