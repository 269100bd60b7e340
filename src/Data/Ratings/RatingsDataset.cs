using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Files;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Ratings;

/// <summary>
/// Ratings of items by users, e.g. MovieLens, as tasks for a user cold start (Lee et al. 2019): a class is a user, an
/// example an item with the rating to predict. An input is one token, the item's number in ordinal order from 1 (0 is unused).
/// If ratings have times, the user rated an episode's support set before its query set.
/// </summary>
internal static class RatingsDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "ratings";

    /// <summary>Most items: larger numbers are not exact in float32.</summary>
    private const int MaxItems = (1 << 24) - 2;

    private static readonly string[] _columns = ["user", "item", "rating", "time"];

    /// <summary>Reads a file of <c>user,item,rating</c> and optionally <c>time</c>, with or without a line of column names.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">Shots and queries that every user must have ratings for.</param>
    /// <exception cref="DataException">The file is missing or empty, a field is not a number, or a user has too few ratings.</exception>
    public static IRegressionDataset Open(string path, EpisodeShape shape)
    {
        DataPath.RequireFile(Name, path, "a CSV file of user,item,rating and perhaps time");
        Table table = Table.Read(path, _columns, least: 3, number: 2);
        bool hasTime = table.Columns.Length > 3;
        Rating[] ratings = [.. table.Rows.Select(row => new Rating(
            table.Word(row, 0), table.Word(row, 1), (float)table.Number(row, 2), hasTime ? table.Number(row, 3) : 0))];
        string[] items = [.. ratings.Select(rating => rating.Item).Distinct().Order(StringComparer.Ordinal)];
        if (items.Length > MaxItems)
        {
            throw new DataException($"{path} has {items.Length} items, expected at most {MaxItems}: leave the rarest out");
        }

        Dictionary<string, int> numbers = new(items.Select((item, i) => KeyValuePair.Create(item, i + 1)), StringComparer.Ordinal);
        IGrouping<string, Rating>[] users = [.. ratings.GroupBy(rating => rating.User).OrderBy(user => user.Key, StringComparer.Ordinal)];
        RequireEnough(path, users, shape);
        ImmutableArray<TableExample[]> examples =
        [
            .. users.Select(user => user
                .OrderBy(rating => rating.Time) // Stable: equal times stay in the order of the lines.
                .Select(rating => new TableExample([numbers[rating.Item]], rating.Value))
                .ToArray()),
        ];
        return new TableTasks(
            new DatasetCatalog(
                Name, InputShape.Tokens(1, items.Length + 1), [.. users.Select(user => new DatasetClass(user.Key, user.Count()))],
                table.Digest("ratings, reading 1"))
            {
                TargetLength = 1, IsOrdered = hasTime,
            },
            examples);
    }

    private static void RequireEnough(string path, IEnumerable<IGrouping<string, Rating>> users, EpisodeShape shape)
    {
        long needed = (long)shape.Shots + shape.Queries;
        foreach (IGrouping<string, Rating> user in users.Where(user => user.Count() < needed))
        {
            throw new DataException(
                $"user {user.Key} of {path} has {user.Count()} ratings, {shape.Shots} shots and {shape.Queries} queries need {needed}: "
                + "ask for fewer shots or queries, or leave the user out");
        }
    }

    private sealed record Rating(string User, string Item, float Value, double Time);
}
