using System.Text.Json;
using MetaMap.Core.Configuration;

namespace MetaMap.Coordinator.Journal;

/// <summary>One line of a run's journal: what happened to a block or an iteration, when, and under which epoch.</summary>
/// <param name="At">When, by the coordinator's clock; for people, decides nothing.</param>
/// <param name="Epoch">The claim under which it happened.</param>
/// <param name="Event">One of <see cref="JournalEvent"/>.</param>
/// <param name="Iteration">The meta-iteration; of a claim or release, the newest committed one.</param>
public sealed record JournalEntry(DateTimeOffset At, long Epoch, JournalEvent Event, int Iteration)
{
    private static readonly JsonSerializerOptions _conventions = new(RunOptionsJson.Conventions)
    {
        WriteIndented = false,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The block.</summary>
    public int? Block { get; init; }

    /// <summary>How often the block has been leased in its iteration, from 1.</summary>
    public int? Attempt { get; init; }

    /// <summary>The worker.</summary>
    public string? Worker { get; init; }

    /// <summary>Of an opened round: its blocks.</summary>
    public int? Blocks { get; init; }

    /// <summary>SHA-256 of a counted gradient, or of committed parameters.</summary>
    public string? Sha256 { get; init; }

    /// <summary>SHA-256 of the parameters that an opened round, or a counted gradient, starts from.</summary>
    public string? Parameters { get; init; }

    /// <summary>Of a refusal: its verdict.</summary>
    public string? Verdict { get; init; }

    /// <summary>One sentence for people.</summary>
    public string? Reason { get; init; }

    /// <summary>The line, without its end.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _conventions);

    /// <summary>Reads a line; null when it is none.</summary>
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

/// <summary>What a journal line tells.</summary>
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

    /// <summary>A worker's result is the block's.</summary>
    Counted,

    /// <summary>A worker's result does not count, or it could not give one.</summary>
    Refused,

    /// <summary>A block was given up: its episodes do not count in the iteration.</summary>
    Excluded,

    /// <summary>A counted result counts no longer: its worker is excluded, the block is leased again.</summary>
    Dropped,

    /// <summary>A settled block does not count in the iteration that is about to be committed.</summary>
    Quarantined,

    /// <summary>The iteration is durable.</summary>
    Committed,

    /// <summary>The coordinator has given the run back.</summary>
    Released,
}
