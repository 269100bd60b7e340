using System.Globalization;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Csv;

/// <summary>Recognises columns that only tell rows apart, so that nothing can be learned from them.</summary>
internal static class RowIdentifier
{
    private static readonly string[] _names = ["", "id", "index", "row", "rowname", "rownames", "rowid", "rownumber", "unnamed0", "nr"];

    /// <summary>
    /// Whether a column numbers the rows (the first one, or one with a usual name, that counts from 0 or 1), or is called an
    /// id and has another value in each row.
    /// </summary>
    public static bool Is(Table table, int column)
    {
        string name = string.Concat(table.Columns[column].Where(char.IsLetterOrDigit)).ToLowerInvariant();
        return ((column == 0 || _names.Contains(name)) && Counts(table, column)) || (IsId(table.Columns[column], name) && AreDistinct(table, column));
    }

    private static bool Counts(Table table, int column)
    {
        string first = table.Rows[0].Fields[column].Trim();
        int from = first == "0" ? 0 : 1;
        return table.Rows.Count > 1
            && table.Rows.Select((row, i) => row.Fields[column].Trim() == (from + i).ToString(CultureInfo.InvariantCulture)).All(follows => follows);
    }

    private static bool IsId(string name, string plain) => _names.Contains(plain) || plain == "uuid"
        || name.EndsWith("_id", StringComparison.OrdinalIgnoreCase) || name.EndsWith(" id", StringComparison.OrdinalIgnoreCase)
        || (name.Length > 2 && char.IsLower(name[^3]) && (name.EndsWith("Id", StringComparison.Ordinal) || name.EndsWith("ID", StringComparison.Ordinal)));

    private static bool AreDistinct(Table table, int column) => table.Rows.Count > 1
        && table.Rows.All(row => !row.Fields[column].Contains('.', StringComparison.Ordinal))
        && table.Rows.Select(row => row.Fields[column].Trim()).Distinct().Count() == table.Rows.Count;
}
