using System.Globalization;
using System.Text.RegularExpressions;
using MetaMap.Core;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Ratings;

/// <summary>Reads times that are all numbers, or all dates as ISO 8601 has them, with a T or a space, in UTC where they say no offset.</summary>
/// <param name="table">The table.</param>
/// <param name="numbers">How it writes numbers.</param>
/// <param name="column">Index of the column.</param>
internal sealed partial class RatingTimes(Table table, TableNumbers numbers, int column)
{
    private static readonly string[] _forms =
    [
        "yyyy-MM-dd",
        .. from between in (string[])["'T'", "' '"]
           from time in (string[])["HH:mm", "HH:mm:ss.FFFFFFF"]
           from offset in (string[])["K", "zz"]
           select $"yyyy-MM-dd{between}{time}{offset}",
    ];

    private (TableRow Row, bool IsDate)? _first;

    /// <summary>The time of a row: the number, or seconds since 1970.</summary>
    /// <exception cref="DataException">It is neither, or the other than in the rows before.</exception>
    public double Read(TableRow row)
    {
        bool isDate = !numbers.TryRead(row.Fields[column], out double time);
        if (isDate && !TryDate(row.Fields[column].Trim(), out time))
        {
            throw new DataException($"{TableNumbers.Found(table, row, column)}, expected a number, or a date such as 2024-01-31T10:00:00Z: correct or remove the {table.File.Unit}");
        }

        (TableRow first, bool areDates) = _first ??= (row, isDate);
        return areDates == isDate ? time
            : throw new DataException($"{TableNumbers.Found(table, row, column)}, but {table.File.Unit} {first.Line} has '{first.Fields[column].Trim()}': write all times as numbers, or all as dates");
    }

    private static bool TryDate(string field, out double seconds)
    {
        bool isDate = DateTimeOffset.TryParseExact(
            BeyondTicks().Replace(field, "$1"), _forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date);
        seconds = (double)(date - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
        return isDate;
    }

    // .NET counts time in 100 ns; some write nanoseconds.
    [GeneratedRegex(@"(\.\d{7})\d+", RegexOptions.CultureInvariant)]
    private static partial Regex BeyondTicks();
}
