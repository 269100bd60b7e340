using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Ratings;

/// <summary>Where a table of ratings has what.</summary>
/// <param name="User">Index of the column of users.</param>
/// <param name="Item">Index of the column of items.</param>
/// <param name="Rating">Index of the column of ratings.</param>
/// <param name="Time">Index of the column of times; -1 for none.</param>
internal readonly record struct RatingColumns(int User, int Item, int Rating, int Time)
{
    private const double EarliestUnixTime = 1e8;
    private const int MostNamed = 8;

    private static readonly string[] _unnamed = ["user", "item", "rating", "time"];

    private static readonly (string Role, string Option, string[] Usual)[] _roles =
    [
        ("users", "--user-column", ["userid", "user", "u", "uid", "username", "reviewerid", "reviewer", "customerid", "customer"]),
        ("items", "--item-column", ["itemid", "item", "i", "iid", "movieid", "movie", "filmid", "film", "bookid", "book", "isbn", "productid", "product", "asin", "parentasin", "businessid", "songid", "trackid", "artistid", "jokeid", "animeid"]),
        ("ratings", "--rating-column", ["rating", "ratings", "r", "score", "stars", "star", "overall", "bookrating", "grade", "vote"]),
        ("times", "--time-column", ["timestamp", "time", "t", "unixreviewtime", "datetime", "date"]),
    ];

    /// <summary>The columns of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">Which names are given.</param>
    /// <exception cref="DataException">A column is missing or cannot be told.</exception>
    public static (Table Table, RatingColumns Columns, string? Notice) Of(TableFile file, RatingsOptions options)
    {
        string?[] given = [options.UserColumn, options.ItemColumn, options.RatingColumn, options.TimeColumn];
        if (!NamesColumns(file, given))
        {
            return Unnamed(file);
        }

        Table table = file.Named();
        int[] found = [.. _roles.Select((role, i) => given[i] is { } name ? table.Column(name) : ColumnNames.Find(table.Columns, null, role.Usual))];
        for (int i = 0; i < found.Length; i++)
        {
            if (given[i] is null)
            {
                ColumnNames.RequireOne(file.Path, table.Columns, given, _roles[i].Role, _roles[i].Option, _roles[i].Usual);
            }
        }

        int[] missing = [.. Enumerable.Range(0, 3).Where(i => found[i] < 0)];
        string columns = string.Join(", ", table.Columns);
        return missing.Length > 0
                ? throw new DataException($"{file.Path} does not tell which of its {file.ColumnsWord} ({columns}) holds {And([.. missing.Select(i => _roles[i].Role)])}: pass {And([.. missing.Select(i => _roles[i].Option)])}")
            : found.Where(index => index >= 0).GroupBy(index => index).FirstOrDefault(same => same.Count() > 1) is { } twice
                ? throw new DataException($"column {table.Columns[twice.Key]} of {file.Path} is taken for {And([.. _roles.Where((_, i) => found[i] == twice.Key).Select(role => role.Role)])}: "
                    + $"pass {And([.. _roles.Where((_, i) => found[i] == twice.Key).Select(role => role.Option)])}")
            : (table, new RatingColumns(found[0], found[1], found[2], found[3]), Unread(file, [.. table.Columns.Where((_, i) => !found.Contains(i))]));
    }

    /// <summary>The columns of one user's file: items, and perhaps ratings and users; -1 for none.</summary>
    /// <param name="file">The file; without names of columns: items, items and ratings, or as files of all users.</param>
    /// <param name="options">Which names were given for the data that a model was trained on; the usual ones are found, too.</param>
    /// <exception cref="DataException">It has no column of items.</exception>
    public static (Table Table, RatingColumns Columns, string? Notice) OfOneUser(TableFile file, RatingsOptions options)
    {
        string[] first = file.Names ?? file.Rows[0].Fields;
        int item = Either(first, options.ItemColumn, 1);
        if (item >= 0 && (file.Names is not null || !first.Any(IsNumber)))
        {
            return (file.Named(), new RatingColumns(Either(first, options.UserColumn, 0), item, Either(first, options.RatingColumn, 2), -1), null);
        }

        if (file.Names is not null || item < 0 && Either(first, options.RatingColumn, 2) >= 0)
        {
            throw new DataException($"{file.Path} has no column of items, only {string.Join(", ", first)}: call one {options.ItemColumn ?? _unnamed[1]}");
        }

        return first.Length > 2 ? Of(file, options)
            : (file.Unnamed(_unnamed[1..3]), new RatingColumns(-1, 0, first.Length == 2 ? 1 : -1, -1), $"{file.Path} does not name its columns: they are taken for {string.Join(", ", _unnamed[1..(1 + first.Length)])}");
    }

    private static int Either(string[] columns, string? given, int role) => given is not null && ColumnNames.Find(columns, given, []) is >= 0 and int named
        ? named : ColumnNames.Find(columns, null, _roles[role].Usual);

    /// <summary>Whether the first rows of a file have the columns.</summary>
    public static bool Fit(TableFile file, RatingsOptions options)
    {
        try
        {
            (Table table, RatingColumns columns, _) = Of(file, options);
            var numbers = TableNumbers.Of(table, [columns.Rating]);
            return table.Rows.TrueForAll(row => numbers.TryRead(row.Fields[columns.Rating], out _));
        }
        catch (DataException)
        {
            return false;
        }
    }

    private static bool NamesColumns(TableFile file, string?[] given)
    {
        string[] first = file.Rows[0].Fields;
        return file.Names is not null || given.Any(name => name is not null)
            || _roles.Count(role => ColumnNames.Find(first, null, role.Usual) >= 0) > 1
            || (first.Length > 2 && !IsNumber(first[2]));
    }

    private static (Table Table, RatingColumns Columns, string? Notice) Unnamed(TableFile file)
    {
        int count = file.Rows[0].Fields.Length;
        if (count < 3 || count > _unnamed.Length)
        {
            throw new DataException($"{file.Path} has {count} columns, expected {string.Join(", ", _unnamed)} (at least the first 3): use another file, or write names of the columns into its first line");
        }

        Table table = file.Unnamed(_unnamed);
        if (count == _unnamed.Length && table.Rows.TrueForAll(row => TableNumbers.IsNumber(row.Fields[3]) && TableNumbers.TryParse(row.Fields[2], out double time) && time >= EarliestUnixTime))
        {
            throw new DataException($"{file.Path} names no columns, and its third looks like times, not ratings: write names of the columns into its first line, such as user, item, time, rating");
        }

        return (table, new RatingColumns(0, 1, 2, count == _unnamed.Length ? 3 : -1), $"{file.Path} does not name its columns: they are taken for {string.Join(", ", table.Columns)}");
    }

    private static string? Unread(TableFile file, string[] columns) => columns.Length == 0 ? null
        : $"{file.Path}: not read: {string.Join(", ", columns.Take(MostNamed))}{(columns.Length > MostNamed ? $" and {columns.Length - MostNamed} others" : "")}";

    /// <summary>Whether a field is meant as a number, with a point or a comma, be it finite or not.</summary>
    private static bool IsNumber(string field) => NumberText.TryRead(field.Replace(',', '.'), out _);

    private static string And(string[] words) => words.Length < 2 ? string.Concat(words) : $"{string.Join(", ", words[..^1])} and {words[^1]}";
}
