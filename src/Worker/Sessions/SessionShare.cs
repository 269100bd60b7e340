namespace MetaMap.Worker.Sessions;

/// <summary>
/// How much lane time adaptations may take from training: a token bucket (RFC 2697) in lane-seconds, that fills at a share of the lanes. An adaptation begins
/// when the bucket is not in debt, and is charged when it ends. Pure.
/// </summary>
/// <param name="Rate">Lane-seconds that it gains in a second, above 0.</param>
/// <param name="Credit">Lane-seconds that it holds; below 0 for debt.</param>
/// <param name="At">When it held them.</param>
internal readonly record struct SessionShare(double Rate, double Credit, TimeSpan At)
{
    /// <summary>The most that it holds: a few adaptations in a row need not wait.</summary>
    public const double BurstSeconds = 5;

    /// <summary>A full bucket.</summary>
    /// <param name="share">Of all lanes, above 0 and at most 1.</param>
    /// <param name="lanes">Number of lanes.</param>
    public static SessionShare Full(double share, int lanes) => new(share * lanes, BurstSeconds, TimeSpan.Zero);

    /// <summary>How long an adaptation must wait while others train; zero for none.</summary>
    public TimeSpan Wait(TimeSpan now) => CreditAt(now) is >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-CreditAt(now) / Rate);

    /// <summary>After so much lane time has been used beside training.</summary>
    public SessionShare Spend(TimeSpan now, TimeSpan used) => this with { Credit = CreditAt(now) - used.TotalSeconds, At = now };

    private double CreditAt(TimeSpan now) => Math.Min(BurstSeconds, Credit + (Rate * (now - At).TotalSeconds));
}
