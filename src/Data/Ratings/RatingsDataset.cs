using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Files;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Ratings;

/// <summary>
/// Ratings of items by users, e.g. MovieLens, as tasks for a user cold start (Lee et al. 2019): a class is a user, an
/// example an item with the rating to predict. An input is one token, the item's number in ordinal order from 1.
/// If ratings have times, the user rated an episode's support set before its query set.
/// </summary>
internal static class RatingsDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "ratings";

    /// <summary>Most items: larger numbers are not exact in float32.</summary>
    private const int MaxItems = (1 << 24) - 2;

    private const string Expected = "a CSV file with columns of users, items, ratings and perhaps times, or a folder that holds one";

    /// <summary>Reads a file, or the one file of ratings in a folder, with or without names of its columns.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">Names of columns.</param>
    /// <exception cref="DataException">The file is missing or empty, a column cannot be told, or a field is not a number or a time.</exception>
    public static IRegressionDataset Open(string path, RatingsOptions options)
    {
        RowFiles listed = RowFiles.List(Name, path, Expected);
        string file = FittingFile.Of(listed, candidate => RatingColumns.Fit(candidate, options), "users, items and ratings (--user-column, --item-column and --rating-column name them)");
        (Table table, RatingColumns columns, string? guess) = RatingColumns.Of(TableFile.Read(file), options);
        var numbers = TableNumbers.Of(table, [columns.Rating, .. columns.Time < 0 ? (int[])[] : [columns.Time]]);
        RatingTimes times = new(table, numbers, columns.Time);
        Rating[] ratings = [.. table.Rows.Select(row => new Rating(
            table.Word(row, columns.User), table.Word(row, columns.Item), (float)numbers.Read(row, columns.Rating), columns.Time < 0 ? 0 : times.Read(row)))];
        string[] items = [.. ratings.Select(rating => rating.Item).Distinct().Order(StringComparer.Ordinal)];
        if (items.Length > MaxItems)
        {
            throw new DataException($"{file} has {items.Length} items, expected at most {MaxItems}: leave the rarest out");
        }

        Dictionary<string, int> places = new(items.Select((item, i) => KeyValuePair.Create(item, i + 1)), StringComparer.Ordinal);
        IGrouping<string, Rating>[] users = [.. ratings.GroupBy(rating => rating.User).OrderBy(user => user.Key, StringComparer.Ordinal)];
        ImmutableArray<TableExample[]> examples =
        [
            .. users.Select(user => user
                .OrderBy(rating => rating.Time) // Stable: equal times stay in the order of the lines.
                .Select(rating => new TableExample([places[rating.Item]], rating.Value))
                .ToArray()),
        ];
        string recipe = $"ratings, reading 3, {columns.User}, {columns.Item}, {columns.Rating}, {columns.Time}";
        return new TableTasks(
            new DatasetCatalog(
                Name, InputShape.Tokens(1, items.Length + 1), [.. users.Select(user => new DatasetClass(user.Key, user.Count()))], table.Digest(recipe))
            {
                TargetLength = 1,
                HasUnits = true,
                Inputs = InputNames.OfItems(items),
                IsOrdered = columns.Time >= 0,
                Nouns = ("users", "ratings"),
                Notices = [.. ((string?[])[guess, numbers.Notice, Again(ratings), listed.Unread(listed.Paths.Where(other => other != file))]).OfType<string>()],
            },
            examples);
    }

    /// <summary>A line about ratings of what their users had rated before; null when there are none.</summary>
    private static string? Again(Rating[] ratings)
    {
        int again = ratings.Length - ratings.Select(rating => (rating.User, rating.Item)).Distinct().Count();
        return again == 0 ? null
            : $"{again} of {ratings.Length} ratings {(again == 1 ? "is of an item that its user has" : "are of items that their users have")} rated before: all are kept, so that an item may be in support and query of one episode";
    }

    private sealed record Rating(string User, string Item, float Value, double Time);
}
