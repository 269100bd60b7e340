using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Ratings;

/// <summary>Reads one user's own ratings by the names of items, or items to predict ratings of; those that a model does not know share one embedding.</summary>
/// <param name="options">Of the dataset that the model was trained on.</param>
/// <param name="model">The model's inputs.</param>
internal sealed class RatingExamples(RatingsOptions options, ModelInputs model) : RowExamples(RatingsDataset.Name, "a CSV file with a column of items and, to adapt to, one of ratings")
{
    private readonly Dictionary<string, int> _tokens = new(model.Known.Items.Select((item, i) => KeyValuePair.Create(item, i + 1)), StringComparer.Ordinal);

    /// <inheritdoc />
    public override RowForm Row => new([options.ItemColumn ?? "item"], options.RatingColumn ?? "rating", true);

    /// <inheritdoc />
    protected override GivenExamples Of(TableFile file)
    {
        (Table table, RatingColumns columns, string? guess) = RatingColumns.OfOneUser(file, options);
        RequireQuotes(file, table, columns.Item);
        var numbers = TableNumbers.Of(table, columns.Rating < 0 ? [] : [columns.Rating]);
        ImmutableArray<GivenExample> examples =
        [
            .. table.Rows.Select(row => new GivenExample(
                table.Word(row, columns.Item), null, [_tokens.GetValueOrDefault(table.Word(row, columns.Item))],
                columns.Rating < 0 || string.IsNullOrWhiteSpace(row.Fields[columns.Rating]) ? [] : [(float)numbers.Read(row, columns.Rating)])),
        ];
        string[] unknown = [.. examples.Select(example => example.Name).Where(item => !_tokens.ContainsKey(item)).Distinct()];
        int users = columns.User < 0 ? 1 : table.Rows.Select(row => row.Fields[columns.User].Trim()).Distinct().Count();
        return new GivenExamples(examples, [.. ((string?[])[
            guess, numbers.Notice,
            users == 1 ? null : $"{file.Path} has ratings of {users} users, which are taken for one",
            unknown.Length == 0 ? null : $"{file.Path}: the model does not know {string.Join(", ", unknown.Take(5))}{(unknown.Length > 5 ? ", …" : "")} ({unknown.Length}), which share one embedding"]).OfType<string>()]);
    }

    // A title with a comma would be read as a user and another title.
    private void RequireQuotes(TableFile file, Table table, int item)
    {
        foreach (TableRow row in table.Rows.Where(row => file.Separator == "," && !_tokens.ContainsKey(table.Word(row, item))))
        {
            for (int i = Math.Max(1, item); i < Math.Min(item + 2, row.Fields.Length); i++)
            {
                string whole = $"{row.Fields[i - 1]},{row.Fields[i]}".Trim();
                if (_tokens.ContainsKey(whole))
                {
                    throw new DataException($"{file.At(row)} has '{whole}', which the model knows as one item, in two columns: put it in quotes");
                }
            }
        }
    }
}
