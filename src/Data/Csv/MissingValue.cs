namespace MetaMap.Data.Csv;

/// <summary>How tables write that there is no value.</summary>
internal static class MissingValue
{
    private static readonly HashSet<string> _words = new(["", "na", "n/a", "#n/a", "nan", "null", "?", "-", "."], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a field says so.</summary>
    public static bool Is(string field) => _words.Contains(field.Trim());
}
