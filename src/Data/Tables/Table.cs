using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Tables;

/// <summary>One record of a table.</summary>
/// <param name="Line">The line of the file that it begins on, from 1.</param>
/// <param name="Fields">As many as the table has columns.</param>
internal readonly record struct TableRow(int Line, string[] Fields);

/// <summary>A file of comma-separated values (RFC 4180) in UTF-8; tab-separated if the first line has tabs and no comma.</summary>
/// <param name="path">The file.</param>
/// <param name="columns">Names of the columns.</param>
/// <param name="rows">The records.</param>
/// <param name="content">The whole file.</param>
internal sealed class Table(string path, string[] columns, List<TableRow> rows, byte[] content)
{
    /// <summary>Names of the columns.</summary>
    public string[] Columns => columns;

    /// <summary>The records.</summary>
    public List<TableRow> Rows => rows;

    /// <summary>SHA-256 (hex, lower case) of the file and of how it is read.</summary>
    /// <param name="recipe">How it is read: the same file read in another way is another dataset.</param>
    public string Digest(string recipe) => Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(recipe + "\n"), .. content]));

    /// <summary>Reads a table whose first line names the columns.</summary>
    /// <exception cref="DataException">Unreadable, not UTF-8 or empty; a column is repeated, or a line has another number of fields.</exception>
    public static Table Read(string path)
    {
        byte[] content = DataPath.ReadAll(path);
        List<TableRow> rows = Parse(path, content);
        string[] columns = rows[0].Fields;
        string? twice = columns.GroupBy(column => column).FirstOrDefault(same => same.Count() > 1)?.Key;
        return twice is null
            ? new Table(path, columns, RequireSome(path, rows[1..]), content)
            : throw new DataException($"{path} names the column '{twice}' twice: rename one");
    }

    /// <summary>Reads a table whose first line may name the columns: it does when its field in a column of numbers is not a number.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Names of the columns when the file does not name them.</param>
    /// <param name="least">Fewest columns.</param>
    /// <param name="number">Index of a column of numbers.</param>
    /// <exception cref="DataException">As above, or too few or too many columns.</exception>
    public static Table Read(string path, string[] columns, int least, int number)
    {
        byte[] content = DataPath.ReadAll(path);
        List<TableRow> rows = Parse(path, content);
        string[] first = rows[0].Fields;
        return first.Length < least || first.Length > columns.Length
            ? throw new DataException($"{path} has {first.Length} columns, expected {string.Join(", ", columns)} (at least the first {least}): use another file")
            : double.TryParse(first[number], NumberStyles.Float, CultureInfo.InvariantCulture, out _)
                ? new Table(path, columns[..first.Length], rows, content)
                : new Table(path, first, RequireSome(path, rows[1..]), content);
    }

    /// <summary>The index of a column.</summary>
    /// <exception cref="DataException">There is no column of this name.</exception>
    public int Column(string name)
    {
        int index = Array.IndexOf(columns, name);
        return index >= 0 ? index : throw new DataException($"{path} has no column '{name}', only {string.Join(", ", columns)}: name one of these");
    }

    /// <summary>A field as a finite number.</summary>
    /// <exception cref="DataException">It is not one.</exception>
    public double Number(TableRow row, int column)
    {
        string field = row.Fields[column];
        string found = field.Trim().Length == 0 ? "nothing" : $"'{(field.Length > 40 ? field[..40] + "…" : field)}'";
        return double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && float.IsFinite((float)value)
            ? value
            : throw new DataException($"{path} line {row.Line} has {found} in column {columns[column]}, expected a finite number: correct or remove the line");
    }

    /// <summary>A field that must not be empty.</summary>
    /// <exception cref="DataException">It is empty.</exception>
    public string Word(TableRow row, int column) => row.Fields[column].Trim() is { Length: > 0 } word
        ? word
        : throw new DataException($"{path} line {row.Line} has nothing in column {columns[column]}: correct or remove the line");

    private static List<TableRow> RequireSome(string path, List<TableRow> rows) =>
        rows.Count > 0 ? rows : throw new DataException($"{path} has names of columns but no lines below them: use another file");

    private static List<TableRow> Parse(string path, byte[] content)
    {
        // Invalid UTF-8 is found here, with its line; the parser would not tell where it is.
        List<TextLine> lines = TextLines.Read(path, content);
        string first = lines[0].Text;
        using StreamReader reader = new(new MemoryStream(content), Encoding.UTF8);
        int line = 1;
        using CsvParser parser = new(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            IgnoreBlankLines = false, // Otherwise they would not be counted as lines.
            Delimiter = first.Contains('\t') && !first.Contains(',') ? "\t" : ",",
            BadDataFound = _ => throw new DataException($"{path} line {line} has a quote in the wrong place: double it, or quote the whole field"),
        });
        List<TableRow> rows = [];
        while (true)
        {
            line = parser.RawRow + 1;
            if (!parser.Read())
            {
                break;
            }

            string[] fields = parser.Record!;
            if (fields is [""])
            {
                continue;
            }

            int expected = rows.Count > 0 ? rows[0].Fields.Length : fields.Length;
            rows.Add(fields.Length == expected
                ? new TableRow(line, fields)
                : throw new DataException($"{path} line {line} has {fields.Length} fields, expected {expected} as in the first line: correct or remove it"));
        }

        return rows.Count > 0 ? rows : throw new DataException($"{path} is empty, expected comma-separated values: use another file");
    }
}
