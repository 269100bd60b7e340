using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using MetaMap.Core;

namespace MetaMap.Data.Tables;

/// <summary>Reads separated values (RFC 4180). What separates them is found by the first rows.</summary>
internal static class SeparatedRows
{
    /// <summary>The separator that is written where none was chosen in an export of a table.</summary>
    public const string Tab = "\t";

    private const int SampleBytes = 1 << 16;

    // A separator that people choose because it does not occur in texts comes before one that may.
    private static readonly string[] _usual = [Tab, "::", "|", ";", ","];

    /// <summary>Reads all rows but empty ones.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="content">Its content.</param>
    /// <param name="separators">What may stand between its fields; null for any of the usual ones.</param>
    /// <exception cref="DataException">A quote is in the wrong place.</exception>
    public static TableFile Read(string path, byte[] content, string[]? separators)
    {
        string separator = SeparatorOf(content, separators ?? _usual);
        try
        {
            List<TableRow> rows = [.. Parse(path, content, separator, CsvMode.RFC4180)];
            return new TableFile(path, content, separator != Tab || rows.TrueForAll(row => !row.Fields.Any(IsOverrun)) ? rows : [.. Parse(path, content, separator, CsvMode.NoEscape)])
            {
                Separator = separator,
            };
        }
        catch (DataException) when (separator == Tab)
        {
            // Nothing needs quotes in most files with tabs, so there a quote is a character of the text.
            return new TableFile(path, content, [.. Parse(path, content, separator, CsvMode.NoEscape)]) { Separator = separator };
        }
    }

    /// <summary>The words of a list that is separated by commas; a word with a comma stands in quotes.</summary>
    public static string[] Words(string list) =>
        [.. Parse("the list", Encoding.UTF8.GetBytes(list), ",", null).SelectMany(row => row.Fields).Select(word => word.Trim()).Where(word => word.Length > 0).Distinct()];

    /// <summary>A field from one quote to another that belongs to another line.</summary>
    private static bool IsOverrun(string field) => field.Contains('\n', StringComparison.Ordinal) && field.Contains('\t', StringComparison.Ordinal);

    /// <summary>The first separator that gives all of the first rows the same number of fields, 2 or more; else the one that does so for most.</summary>
    private static string SeparatorOf(byte[] content, string[] separators)
    {
        bool isCut = content.Length > SampleBytes;
        byte[] sample = isCut ? content[..SampleBytes] : content;
        return separators
            .Select(separator => (Separator: separator, Same: ShareOfEqualRows([.. Parse("", sample, separator, null)], isCut)))
            .Where(candidate => candidate.Same > 0)
            .DefaultIfEmpty((separators[^1], 0))
            .MaxBy(candidate => candidate.Item2).Item1;
    }

    private static double ShareOfEqualRows(List<TableRow> rows, bool isCut)
    {
        int count = isCut && rows.Count > 1 ? rows.Count - 1 : rows.Count;
        return rows.Count == 0 || rows[0].Fields.Length < 2 ? 0 : (double)rows.Take(count).Count(row => row.Fields.Length == rows[0].Fields.Length) / count;
    }

    /// <param name="path">The file, for messages.</param>
    /// <param name="content">Its content.</param>
    /// <param name="separator">What stands between fields.</param>
    /// <param name="mode">How quotes are read; null: in any way, without complaints.</param>
    private static IEnumerable<TableRow> Parse(string path, byte[] content, string separator, CsvMode? mode)
    {
        using StreamReader reader = new(new MemoryStream(content), Encoding.UTF8);
        int line = 1;
        using CsvParser parser = new(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            IgnoreBlankLines = false, // Otherwise they would not be counted as lines.
            Delimiter = separator,
            Mode = mode ?? CsvMode.RFC4180,
            BadDataFound = mode is null ? null : _ => throw new DataException($"{path} line {line} has a quote in the wrong place: double it, or quote the whole field"),
        });
        while (true)
        {
            line = parser.RawRow + 1;
            if (!parser.Read())
            {
                yield break;
            }

            string[] fields = parser.Record!;
            if (!Array.TrueForAll(fields, field => field.Length == 0))
            {
                yield return new TableRow(line, fields);
            }
        }
    }
}
