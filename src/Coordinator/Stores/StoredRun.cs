using System.Text.Json;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Stores;

/// <summary>A run as a store keeps it, without its parameters.</summary>
/// <param name="RunId">Its name.</param>
/// <param name="Options">Its options, resolved.</param>
/// <param name="Policy">How it shares the cluster.</param>
/// <param name="Shape">The shape of its data; null when an older version stored it.</param>
/// <param name="Status">Its status.</param>
/// <param name="IsAttended">Belongs to the command that trains it (<c>metamap train</c>): no coordinator takes it up by itself.</param>
/// <param name="Created">When it was first started.</param>
internal sealed record StoredRun(
    string RunId, RunOptions Options, RunPolicy Policy, TaskShape? Shape, RunStatus Status, bool IsAttended, DateTimeOffset Created)
{
    /// <summary>The data that it is trained on; null when an older version stored it.</summary>
    public TrainingData? Data { get; init; }

    /// <summary>What it names in each node's folder of data; null for all of it.</summary>
    public string? DataPath { get; init; }

    /// <summary>Number of claims so far.</summary>
    public long Epoch { get; init; }

    /// <summary>Committed iterations.</summary>
    public int Iteration { get; init; }

    /// <summary>The node that owns it or owned it last without giving it back; null when nobody does.</summary>
    public string? Owner { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Problem { get; init; }

    /// <summary>Measures of the latest iteration; null before the first.</summary>
    public StoredMeasure? Newest { get; init; }

    /// <summary>Where it is stored, for information.</summary>
    public string Location { get; init; } = "";
}

/// <summary>Measures of a committed iteration.</summary>
/// <param name="QueryLoss">Mean query loss.</param>
/// <param name="QueryAccuracyFraction">Mean query accuracy, 0 to 1; null for regression.</param>
internal readonly record struct StoredMeasure(double QueryLoss, double? QueryAccuracyFraction)
{
    /// <summary>Number of last lines of a run's measures that include an iteration's: the last line may be a validation's.</summary>
    public const int Lines = 2;

    /// <summary>The last of some lines of measures that is an iteration's; null when none is. Incomplete lines are skipped.</summary>
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
