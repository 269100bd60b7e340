namespace MetaMap.Training.Rounds;

/// <summary>When a block is leased again or given up. Affects when results arrive, never their bits.</summary>
/// <param name="Deadline">A lease older than this is taken back. Default 30 seconds; grows with the measured time of blocks.</param>
/// <param name="MaxFailures">Failed or non-finite attempts after which a block is excluded once every live worker has tried it. Default 3.</param>
public sealed record LeasePolicy(TimeSpan Deadline, int MaxFailures)
{
    /// <summary>A deadline is never shorter than this many times the median of recent blocks: with several runs on a worker, blocks queue.</summary>
    public const double DeadlineFactor = 10;

    /// <summary>Near the end of a round, a block is leased a second time when its lease is older than this many times the median block.</summary>
    public const double SpeculationFactor = 3;

    /// <summary>The defaults.</summary>
    public static LeasePolicy Default { get; } = new(TimeSpan.FromSeconds(30), 3);

    /// <summary>
    /// An audited block counts after one result when no other worker is present or able to compute it. Default on; off where a
    /// run asks for more than one worker.
    /// </summary>
    public bool CountsAlone { get; init; } = true;

    /// <summary>The policy for blocks that take as long as recent ones: its deadline is the longer of <see cref="Deadline"/> and ten times their median.</summary>
    public LeasePolicy For(BlockTimes times) => times.Median * DeadlineFactor is { } grown && grown > Deadline ? this with { Deadline = grown } : this;
}
