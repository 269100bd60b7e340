using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>What happened in a run since it was (re)started here, in numbers. Immutable.</summary>
public sealed record RunCounters
{
    /// <summary>Second leases on slow blocks.</summary>
    public long SpeculativeLeases { get; init; }

    /// <summary>Second leases whose result counted while the first lease was still held.</summary>
    public long SpeculativeWins { get; init; }

    /// <summary>Blocks that did not count in their iteration.</summary>
    public long QuarantinedBlocks { get; init; }

    /// <summary>Blocks that counted after two workers had given the same bits.</summary>
    public long AuditedBlocks { get; init; }

    /// <summary>Blocks that were to be audited, but counted because nobody else could compute them.</summary>
    public long UnauditedBlocks { get; init; }

    /// <summary>How long its iterations took, by part.</summary>
    public IterationTimes Times { get; init; }

    /// <summary>Adds what a part of an iteration took.</summary>
    public RunCounters Took(IterationTimes times) => this with { Times = Times + times };

    /// <summary>Adds what a committed round shows.</summary>
    public RunCounters After(MetaRound round, CompletedIteration committed) => this with
    {
        SpeculativeWins = SpeculativeWins + round.Blocks.Count(block => block.IsWonBySecondLease),
        QuarantinedBlocks = QuarantinedBlocks + committed.Quarantined.Length,
        AuditedBlocks = AuditedBlocks + round.Blocks.Count(block => block.IsConfirmed),
        UnauditedBlocks = UnauditedBlocks + round.Blocks.Count(block => block is { IsAudited: true, IsConfirmed: false, Result: not null }),
    };
}
