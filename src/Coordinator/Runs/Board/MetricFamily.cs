using System.Collections.Immutable;

namespace MetaMap.Coordinator.Runs.Board;

/// <summary>One kind of number, with a value for each set of labels.</summary>
/// <param name="Name">In snake_case, with its unit, without prefix.</param>
/// <param name="IsCounter">Whether it only rises, until its run starts again; else it is a gauge.</param>
/// <param name="Help">What it is.</param>
/// <param name="Labels">Names of the labels.</param>
/// <param name="Read">The values now, each with its labels in order.</param>
internal sealed record MetricFamily(string Name, bool IsCounter, string Help, ImmutableArray<string> Labels, Func<IEnumerable<MetricValue>> Read)
{
    /// <summary>The unit as OpenTelemetry writes it; null for a count.</summary>
    public string? Unit => Name.EndsWith("_seconds", StringComparison.Ordinal) ? "s" : Name.EndsWith("_bytes", StringComparison.Ordinal) ? "By" : null;
}

/// <summary>A value.</summary>
/// <param name="Value">The value.</param>
/// <param name="Labels">Its labels, in the order of the family's.</param>
internal readonly record struct MetricValue(double Value, params string[] Labels);
