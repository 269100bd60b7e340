namespace MetaMap.Data.Tables;

/// <summary>Finds columns by the names that people give them; case, spaces and signs do not count.</summary>
internal static class ColumnNames
{
    /// <summary>The index of a column; -1 when there is none.</summary>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="given">The name that was given; null for one of the usual ones.</param>
    /// <param name="usual">The usual names, the surest first, in lower-case letters and digits.</param>
    public static int Find(string[] columns, string? given, string[] usual) => given is not null
        ? Array.FindIndex(columns, column => column.Trim() == given.Trim())
        : usual.Select(name => Array.FindIndex(columns, column => Plain(column) == name)).FirstOrDefault(index => index >= 0, -1);

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
