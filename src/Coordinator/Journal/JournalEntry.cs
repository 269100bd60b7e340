using System.Text.Json;
using System.Text.Json.Serialization;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Journal;

/// <summary>One line of a run's journal: what happened to a block or an iteration, when, and under which epoch.</summary>
/// <param name="At">When, by the coordinator's clock; for information only.</param>
/// <param name="Epoch">The claim under which it happened.</param>
/// <param name="Event">One of <see cref="JournalEvent"/>.</param>
/// <param name="Iteration">The meta-iteration; for a claim or release, the latest committed one.</param>
public sealed record JournalEntry(DateTimeOffset At, long Epoch, JournalEvent Event, int Iteration)
{
    private static readonly JsonSerializerOptions _conventions = new(RunOptionsJson.Conventions)
    {
        WriteIndented = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The block.</summary>
    public int? Block { get; init; }

    /// <summary>How often the block has been leased in its iteration, from 1.</summary>
    public int? Attempt { get; init; }

    /// <summary>The worker.</summary>
    public string? Worker { get; init; }

    /// <summary>For an opened round: its number of blocks.</summary>
    public int? Blocks { get; init; }

    /// <summary>SHA-256 of a counted gradient, or of committed parameters.</summary>
    public string? Sha256 { get; init; }

    /// <summary>SHA-256 of the parameters that an opened round, or a counted gradient, starts from.</summary>
    public string? Parameters { get; init; }

    /// <summary>For a refusal: its verdict.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<BlockVerdict>))]
    public BlockVerdict? Verdict { get; init; }

    /// <summary>A readable sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>An entry that is not written yet: its writer sets time and epoch.</summary>
    public static JournalEntry Of(JournalEvent what, int iteration) => new(default, 0, what, iteration);

    /// <summary>A round begins.</summary>
    public static JournalEntry Opened(MetaRound round) => Of(JournalEvent.Opened, round.Iteration) with
    {
        Blocks = round.Blocks.Length, Parameters = round.Parameters.Sha256,
    };

    /// <summary>A result was judged.</summary>
    public static JournalEntry Judged(BlockAdapted result, Judgement judgement) => judgement.Verdict != BlockVerdict.Counted
        ? Refused(result, judgement.Verdict, judgement.Reason)
        : Of(JournalEvent.Counted, result.Lease.Round.Number) with
        {
            Block = result.Lease.Block, Attempt = result.Lease.Attempt, Worker = result.WorkerId.Value,
            Sha256 = result.Gradient.Sha256, Parameters = result.Parameters.Sha256,
        };

    /// <summary>An answer does not count, or holds no result.</summary>
    public static JournalEntry Refused(IBlockAnswer answer, BlockVerdict verdict, string reason) => Of(JournalEvent.Refused, answer.Lease.Round.Number) with
    {
        Block = answer.Lease.Block, Attempt = answer.Lease.Attempt, Worker = answer.WorkerId.Value, Verdict = verdict, Reason = reason,
    };

    /// <summary>Results of excluded workers no longer count: one entry for each block that is open again.</summary>
    /// <param name="before">The round before the exclusion.</param>
    /// <param name="after">The same round after it.</param>
    public static IEnumerable<JournalEntry> Dropped(MetaRound before, MetaRound after) => before.Blocks.Zip(after.Blocks)
        .Where(pair => pair is { First.Result: not null, Second.Result: null })
        .Select(pair => Of(JournalEvent.Dropped, after.Iteration) with
        {
            Block = pair.First.Block.Index, Worker = pair.First.CountedFrom, Reason = after.ExcludedWorkers.GetValueOrDefault(pair.First.CountedFrom ?? ""),
        });

    /// <summary>A round is complete: one entry for each block that was given up.</summary>
    public static IEnumerable<JournalEntry> Completed(MetaRound round) => round.Blocks
        .Where(block => block.Result is null).Select(block => Of(JournalEvent.Excluded, round.Iteration) with { Block = block.Block.Index });

    /// <summary>The line, without its line ending.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _conventions);

    /// <summary>Reads a line; null when it is not an entry.</summary>
    public static JournalEntry? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<JournalEntry>(line, _conventions);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a journal line reports.</summary>
public enum JournalEvent
{
    /// <summary>A coordinator has taken the run over.</summary>
    Claimed,

    /// <summary>A worker has begun to work for the run; the reason says how it computes.</summary>
    Joined,

    /// <summary>A round has begun.</summary>
    Opened,

    /// <summary>A block was leased to a worker.</summary>
    Leased,

    /// <summary>A worker's result was counted for the block.</summary>
    Counted,

    /// <summary>A worker's result does not count, or the worker had none.</summary>
    Refused,

    /// <summary>A block was given up: its episodes do not count in the iteration.</summary>
    Excluded,

    /// <summary>A counted result no longer counts: its worker is excluded, and the block is leased again.</summary>
    Dropped,

    /// <summary>A settled block does not count in the iteration that is about to be committed.</summary>
    Quarantined,

    /// <summary>The iteration is durable.</summary>
    Committed,

    /// <summary>The coordinator has given the run back.</summary>
    Released,
}
