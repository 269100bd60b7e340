namespace MetaMap.Core.Rounds;

/// <summary>When a block is leased again, and given up. It changes when results arrive, never their bits.</summary>
/// <param name="Deadline">A lease older than this is taken back. Default 30 seconds.</param>
/// <param name="SpeculationFactor">Near the end of a round a block is leased a second time when its lease is older than this many times the median block. Default 3.</param>
/// <param name="MaxFailures">A block that failed or was non-finite this often, and that no live worker is left to try, is excluded from its iteration. Default 3.</param>
public sealed record LeasePolicy(TimeSpan Deadline, double SpeculationFactor, int MaxFailures)
{
    /// <summary>The defaults.</summary>
    public static LeasePolicy Default { get; } = new(TimeSpan.FromSeconds(30), 3, 3);
}
