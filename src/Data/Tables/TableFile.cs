using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Tables;

/// <summary>One record of a table.</summary>
/// <param name="Line">The line of the file that it begins on, from 1; in a JSON array its place.</param>
/// <param name="Fields">Its fields.</param>
internal readonly record struct TableRow(int Line, string[] Fields);

/// <summary>
/// The rows of a file in UTF-8 (or UTF-16 with its mark), packed by gzip or not: separated values (RFC 4180), an array of
/// JSON objects, or a JSON object a line.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Content">The whole file, unpacked, in UTF-8.</param>
/// <param name="Rows">At least one; the first may name the columns where <see cref="Names"/> is null.</param>
internal sealed record TableFile(string Path, byte[] Content, List<TableRow> Rows)
{
    /// <summary>The keys of JSON objects; null for separated values.</summary>
    public string[]? Names { get; init; }

    /// <summary>What columns are called in messages.</summary>
    public string ColumnsWord => Names is null ? "columns" : "keys";

    /// <summary>What stands between fields; empty for JSON.</summary>
    public string Separator { get; init; } = "";

    /// <summary>What a row is called in messages.</summary>
    public string Unit { get; init; } = "line";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="separators">What may stand between its fields; null for any of the usual ones.</param>
    /// <exception cref="DataException">Unreadable, not UTF-8, empty, or JSON of another form.</exception>
    public static TableFile Read(string path, string[]? separators = null) => Find(path, separators)
        ?? throw new DataException($"{path} is JSON of another form, expected {JsonRows.Form}: convert it");

    /// <summary>Reads a file; null for JSON that holds no rows.</summary>
    /// <param name="path">The file.</param>
    /// <param name="separators">What may stand between its fields; null for any of the usual ones.</param>
    /// <param name="mostBytes">Bytes after which reading ends: for a look at its first rows.</param>
    /// <exception cref="DataException">Unreadable, not UTF-8 or empty.</exception>
    public static TableFile? Find(string path, string[]? separators = null, int mostBytes = int.MaxValue)
    {
        byte[] raw = DataPath.ReadUnpacked(path, mostBytes);
        bool isCut = raw.Length >= mostBytes;
        byte[] content = TextEncoding.ToUtf8(raw);
        content = isCut ? content[..(content.AsSpan().LastIndexOf((byte)'\n') + 1)] : content;
        TextLines.RequireUtf8(path, content);
        TableFile? file = JsonRows.Applies(path) ? JsonRows.Read(path, content) : SeparatedRows.Read(path, content, separators);
        return file is not { Rows.Count: 0 } ? file
            : throw new DataException($"{path} is empty, expected {(JsonRows.Applies(path) ? JsonRows.Form : "comma-separated values")}: use another file");
    }

    /// <summary>Where a row is, for messages.</summary>
    public string At(TableRow row) => $"{Path} {Unit} {row.Line}";

    /// <summary>The rows below the first one, which names the columns; of JSON all rows.</summary>
    /// <exception cref="DataException">A name is repeated, there are no rows, or one has another number of fields.</exception>
    public Table Named()
    {
        string[] columns = [.. (Names ?? Rows[0].Fields).Select(name => name.Trim())];
        string? twice = columns.Where(column => column.Length > 0).GroupBy(column => column).FirstOrDefault(same => same.Count() > 1)?.Key;
        List<TableRow> rows = Names is null ? Rows[1..] : Rows;
        return twice is not null ? throw new DataException($"{Path} names the column '{twice}' twice: rename one")
            : rows.Count == 0 ? throw new DataException($"{Path} has names of columns but no lines below them: use another file")
            : new Table(this, columns, Whole(rows));
    }

    /// <summary>All rows, of columns that the file does not name.</summary>
    /// <exception cref="DataException">A row has another number of fields than the first.</exception>
    public Table Unnamed(string[] columns) => new(this, columns[..Rows[0].Fields.Length], Whole(Rows));

    private List<TableRow> Whole(List<TableRow> rows)
    {
        int expected = Rows[0].Fields.Length;
        int odd = rows.FindIndex(row => row.Fields.Length != expected);
        return odd < 0 ? rows
            : throw new DataException($"{At(rows[odd])} has {rows[odd].Fields.Length} fields, expected {expected} as in the first line: correct or remove it{(Separator == "," && rows[odd].Fields.Length > expected ? "; a text that holds a comma stands in quotes" : "")}");
    }
}
