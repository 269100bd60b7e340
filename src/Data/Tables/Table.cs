using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;

namespace MetaMap.Data.Tables;

/// <summary>The rows of a file with the names of their columns.</summary>
/// <param name="file">The file.</param>
/// <param name="columns">Names of the columns.</param>
/// <param name="rows">The records, each with a field for every column.</param>
internal sealed class Table(TableFile file, string[] columns, List<TableRow> rows)
{
    /// <summary>The file.</summary>
    public TableFile File => file;

    /// <summary>Names of the columns.</summary>
    public string[] Columns => columns;

    /// <summary>The records.</summary>
    public List<TableRow> Rows => rows;

    /// <summary>SHA-256 (hex, lower case) of the file, unpacked, and of how it is read.</summary>
    /// <param name="recipe">How it is read: the same file read in another way is another dataset.</param>
    public string Digest(string recipe) => Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(recipe + "\n"), .. file.Content]));

    /// <summary>Reads a table whose first line names the columns, or JSON whose keys do.</summary>
    /// <exception cref="DataException">Unreadable, not UTF-8 or empty; a column is repeated, or a line has another number of fields.</exception>
    public static Table Read(string path) => TableFile.Read(path).Named();

    /// <summary>The index of a column.</summary>
    /// <exception cref="DataException">There is no column of this name.</exception>
    public int Column(string name)
    {
        int index = Array.IndexOf(columns, name.Trim());
        return index >= 0 ? index : throw new DataException($"{file.Path} has no {(file.Names is null ? "column" : "key")} '{name}', only {string.Join(", ", columns)}: name one of these");
    }

    /// <summary>A field that must not be empty.</summary>
    /// <exception cref="DataException">It is empty.</exception>
    public string Word(TableRow row, int column) => row.Fields[column].Trim() is { Length: > 0 } word
        ? word
        : throw new DataException($"{file.At(row)} has nothing in column {columns[column]}: correct or remove the {file.Unit}");
}
