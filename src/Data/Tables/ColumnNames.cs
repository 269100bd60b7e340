using MetaMap.Core;

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

    /// <summary>Refuses several columns with usual names for one thing.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="others">Names of columns that were given for other things.</param>
    /// <param name="what">What is looked for, e.g. <c>texts</c>.</param>
    /// <param name="option">What names the column.</param>
    /// <param name="usual">The usual names.</param>
    /// <exception cref="DataException">There are several.</exception>
    public static void RequireOne(string path, string[] columns, IEnumerable<string?> others, string what, string option, string[] usual)
    {
        string[] fitting = [.. columns.Select(column => column.Trim()).Where(column => usual.Contains(Plain(column)) && !others.Any(other => other?.Trim() == column))];
        if (fitting.Length > 1)
        {
            throw new DataException($"{path} has {fitting.Length} columns that may hold {what} ({string.Join(", ", fitting)}): pass {option}");
        }
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
