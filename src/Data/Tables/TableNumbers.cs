using System.Text.RegularExpressions;
using MetaMap.Core;
using MetaMap.Core.Options;

namespace MetaMap.Data.Tables;

/// <summary>
/// Reads the numbers of a table, all of which have a decimal point or all a decimal comma. What separates thousands is never
/// guessed: a number that may have two values is refused.
/// </summary>
internal sealed partial class TableNumbers
{
    private readonly Table _table;
    private readonly bool _hasCommas;

    private TableNumbers(Table table, string? notice) => (_table, _hasCommas, Notice) = (table, notice is not null, notice);

    /// <summary>A line that says so where decimals have a comma; null where they have a point.</summary>
    public string? Notice { get; }

    /// <summary>Finds out how a table writes its numbers.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">Columns that may hold numbers.</param>
    /// <exception cref="DataException">Some have a point and some a comma, or a comma may stand for thousands.</exception>
    public static TableNumbers Of(Table table, int[] columns)
    {
        (TableRow Row, int Column)? comma = null;
        (TableRow Row, int Column)? point = null;
        bool mayBeThousands = true;
        foreach (TableRow row in table.Rows)
        {
            foreach (int column in columns)
            {
                string field = row.Fields[column];
                if (field.Contains(',', StringComparison.Ordinal) && WithComma().IsMatch(field))
                {
                    comma ??= (row, column);
                    mayBeThousands = mayBeThousands && WithThousands().IsMatch(field);
                }
                else if (field.Contains('.', StringComparison.Ordinal) && IsNumber(field))
                {
                    point ??= (row, column);
                }
            }
        }

        if (comma is not { } written)
        {
            return new TableNumbers(table, null);
        }

        string found = Found(table, written.Row, written.Column);
        string number = written.Row.Fields[written.Column].Trim();
        return point is { } other ? throw new DataException(
                $"{found}, but {table.File.Unit} {other.Row.Line} has '{other.Row.Fields[other.Column].Trim()}' in column {table.Columns[other.Column]}: write all numbers with a point for decimals and nothing between thousands")
            : mayBeThousands ? throw new DataException(
                $"{found}, which may be {number.Replace(",", "", StringComparison.Ordinal)} or {number.Replace(',', '.')}: write one of these")
            : new TableNumbers(table, $"{table.File.Path} writes decimals with a comma, as '{number}' in {table.File.Unit} {written.Row.Line}");
    }

    /// <summary>Whether a text is a finite number with a decimal point, or without decimals.</summary>
    public static bool IsNumber(string field) => TryParse(field, out _);

    /// <summary>A text as a finite number with a decimal point, or without decimals.</summary>
    public static bool TryParse(string field, out double value) =>
        NumberText.TryRead(field, out value) && float.IsFinite((float)value);

    /// <summary>Whether a field is a finite number.</summary>
    public bool TryRead(string field, out double value) =>
        TryParse(_hasCommas && WithComma().IsMatch(field) ? field.Replace(',', '.') : field, out value);

    /// <summary>A field as a finite number.</summary>
    /// <exception cref="DataException">It is not one.</exception>
    public double Read(TableRow row, int column) => TryRead(row.Fields[column], out double value) ? value
        : throw new DataException($"{Found(_table, row, column)}, expected a finite number: {NumberText.Advice(row.Fields[column]) ?? $"correct or remove the {_table.File.Unit}"}");

    /// <summary>Where a field is and what it holds, for messages.</summary>
    internal static string Found(Table table, TableRow row, int column)
    {
        string field = row.Fields[column].Trim();
        string found = field.Length == 0 ? "nothing" : $"'{(field.Length > 40 ? field[..40] + "…" : field)}'";
        return $"{table.File.At(row)} has {found} in column {table.Columns[column]}";
    }

    [GeneratedRegex(@"^\s*[+-]?\d+,\d+([eE][+-]?\d+)?\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex WithComma();

    [GeneratedRegex(@"^\s*[+-]?[1-9]\d{0,2},\d{3}\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex WithThousands();
}
