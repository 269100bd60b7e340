using MetaMap.Core;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Csv;

/// <summary>
/// The input vector of a row: numbers as they stand, words as one value for each.
/// </summary>
internal sealed class CsvInputs
{
    /// <summary>Most different words of a column that becomes inputs.</summary>
    public const int MostWords = 50;

    private readonly Table _table;
    private readonly List<InputColumn> _columns = [];
    private readonly List<string> _leftOut = [];
    private readonly List<string> _filled = [];

    /// <summary>Finds out what the columns hold.</summary>
    /// <param name="table">The table.</param>
    /// <param name="rows">Those of its rows that are read.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="areNamed">Whether the user named them; otherwise those that make no sense as inputs are left out.</param>
    /// <param name="numbers">How the table writes numbers.</param>
    /// <exception cref="DataException">A column has numbers and something else, or no column is left.</exception>
    public CsvInputs(Table table, List<TableRow> rows, int[] columns, bool areNamed, TableNumbers numbers)
    {
        _table = table;
        foreach (int column in columns)
        {
            string? reason = !areNamed && RowIdentifier.Is(table, column) ? "tells rows apart" : Add(rows, column, numbers);
            if (reason is not null)
            {
                _leftOut.Add(areNamed
                    ? throw new DataException($"column {table.Columns[column]} of {table.File.Path} {reason}: leave it out of --columns")
                    : $"{table.Columns[column]} ({reason})");
            }
        }

        if (_columns.Count == 0)
        {
            throw new DataException($"{table.File.Path} has no column for inputs, since it leaves out {string.Join(", ", _leftOut)}: name columns with --columns");
        }
    }

    /// <summary>Values in a vector.</summary>
    public int Length => _columns.Sum(column => column.Length);

    /// <summary>The columns that the values of a vector come from, in order.</summary>
    public IEnumerable<InputColumnName> Names => _columns.Select(column => column is WordColumn words
        ? new InputColumnName(_table.Columns[column.Index], [.. words.Words], false) : new InputColumnName(_table.Columns[column.Index], [], column.Length > 1));

    /// <summary>What people are told.</summary>
    public IEnumerable<string> Notices
    {
        get
        {
            if (_leftOut.Count > 0)
            {
                yield return $"{_table.File.Path}: left out of the inputs: {string.Join(", ", _leftOut)}; --columns names those to take";
            }

            WordColumn[] words = [.. _columns.OfType<WordColumn>()];
            if (words.Length > 0)
            {
                yield return $"{_table.File.Path}: words become one input for each of their values: {string.Join(", ", words.Select(column => $"{_table.Columns[column.Index]} {column.Length}"))}";
            }

            if (_filled.Count > 0)
            {
                yield return $"{_table.File.Path}: values are missing in {string.Join(", ", _filled)}; a number is filled with its column's mean, with one more input that says where, and a word is a value of its own";
            }
        }
    }

    /// <summary>The vector of a row.</summary>
    public float[] Of(TableRow row)
    {
        float[] values = new float[Length];
        int at = 0;
        foreach (InputColumn column in _columns)
        {
            column.Write(row.Fields[column.Index], values.AsSpan(at, column.Length));
            at += column.Length;
        }

        return values;
    }

    /// <summary>Adds a column.</summary>
    /// <returns>Why it is no input; null when it is one.</returns>
    private string? Add(List<TableRow> rows, int column, TableNumbers numbers)
    {
        List<TableRow> present = rows.FindAll(row => !MissingValue.Is(row.Fields[column]));
        double sum = 0;
        int count = 0;
        foreach (TableRow row in present)
        {
            if (numbers.TryRead(row.Fields[column], out double value))
            {
                sum += value;
                count++;
            }
        }

        string[] words = count == present.Count ? [] : [.. rows.Select(row => WordColumn.Of(row.Fields[column])).Distinct().Order(StringComparer.Ordinal)];
        RequireNoFewWords(present, column, numbers, count);
        if (present.Count == 0 || words.Length > MostWords)
        {
            return present.Count == 0 ? "has no values" : $"has {words.Length} different words, more than {MostWords}";
        }

        if (present.Count < rows.Count)
        {
            _filled.Add($"{_table.Columns[column]} ({rows.Count - present.Count} of {rows.Count} rows)");
        }

        _columns.Add(count == present.Count ? new NumberColumn(column, numbers, present.Count < rows.Count ? sum / count : null) : new WordColumn(column, words));
        return null;
    }

    /// <summary>Refuses what is no number in a column of numbers, instead of taking the numbers for words.</summary>
    private static void RequireNoFewWords(List<TableRow> present, int column, TableNumbers numbers, int count)
    {
        if (count < present.Count && 2 * count >= present.Count)
        {
            present.ForEach(row => numbers.Read(row, column));
        }
    }
}
