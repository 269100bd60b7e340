using System.Text.Json;
using MetaMap.Core.Algorithms;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Rounds;
using MetaMap.Core.Training;

namespace MetaMap.Coordinator.Stores;

/// <summary>What is wanted of a run, kept across restarts.</summary>
public enum RunPhase
{
    /// <summary>To be trained: a coordinator takes it up by itself.</summary>
    Active,

    /// <summary>Paused by a person, until a person resumes it.</summary>
    Paused,

    /// <summary>Stopped by a person; can be resumed.</summary>
    Stopped,

    /// <summary>All iterations are committed.</summary>
    Finished,

    /// <summary>Cannot go on; can be resumed once the reason is mended.</summary>
    Failed,
}

/// <summary>A run as a store keeps it, without its parameters.</summary>
/// <param name="RunId">Its name.</param>
/// <param name="Options">What it trains, resolved.</param>
/// <param name="Policy">How it shares the cluster.</param>
/// <param name="Shape">What its data is like; null when an older version stored it.</param>
/// <param name="Phase">What is wanted of it.</param>
/// <param name="IsAttended">Belongs to the command that trains it (<c>metamap train</c>): no coordinator takes it up by itself.</param>
/// <param name="Created">When it was started first.</param>
public sealed record StoredRun(
    string RunId, RunOptions Options, RunPolicy Policy, TaskShape? Shape, RunPhase Phase, bool IsAttended, DateTimeOffset Created)
{
    /// <summary>Claims so far.</summary>
    public long Epoch { get; init; }

    /// <summary>Committed iterations.</summary>
    public int Iteration { get; init; }

    /// <summary>The node that owns it or owned it last without giving it back; null when nobody does.</summary>
    public string? Owner { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Problem { get; init; }

    /// <summary>What the newest iteration measured; null before the first.</summary>
    public StoredMeasure? Newest { get; init; }

    /// <summary>Where it is stored, for people.</summary>
    public string Location { get; init; } = "";
}

/// <summary>What a committed iteration measured.</summary>
/// <param name="QueryLoss">Mean query loss.</param>
/// <param name="QueryAccuracyFraction">Mean query accuracy, 0 to 1; null for regression.</param>
public readonly record struct StoredMeasure(double QueryLoss, double? QueryAccuracyFraction)
{
    /// <summary>Lines at the end of a run's measures of which one is an iteration's: the last may be that of a validation.</summary>
    public const int Lines = 2;

    /// <summary>The newest of some lines of measures that is of an iteration; null when none is. Torn lines are passed over.</summary>
    /// <param name="lines">Each one JSON object, in order.</param>
    public static StoredMeasure? Of(IEnumerable<string> lines) =>
        lines.Reverse().Select(Read).FirstOrDefault(measure => measure is not null);

    private static StoredMeasure? Read(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.TryGetProperty("query_loss", out JsonElement loss)
                ? new StoredMeasure(
                    loss.GetDouble(),
                    document.RootElement.TryGetProperty("query_accuracy_fraction", out JsonElement accuracy) && accuracy.ValueKind == JsonValueKind.Number ? accuracy.GetDouble() : null)
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>Iterations that become durable together. Group commit: while one is being written, the next ones gather.</summary>
/// <param name="Previous">The iteration that was committed last.</param>
/// <param name="Model">The meta-model to publish.</param>
/// <param name="State">The state after the newest of the iterations.</param>
/// <param name="Lines">Measures by iteration, each one line of JSON, in order.</param>
/// <param name="Journal">What happened to their blocks: journal lines, in order.</param>
/// <param name="CommittedJournal">Journal lines that are true once the commit stands.</param>
/// <param name="IsModelExported">Write the model file as well, where the store has one.</param>
public sealed record RunCommit(
    int Previous, MetaState State, ModelFile Model, IReadOnlyList<MeasureLine> Lines, IReadOnlyList<string> Journal,
    IReadOnlyList<string> CommittedJournal, bool IsModelExported);

/// <summary>One line of measures.</summary>
/// <param name="Iteration">The iteration it belongs to.</param>
/// <param name="Json">One line.</param>
public readonly record struct MeasureLine(int Iteration, string Json);
