using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Files;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Csv;

/// <summary>
/// A table of your own: one column tells the tasks apart, one is predicted, others make the input vector
/// (<see cref="CsvInputs"/>). When a value is predicted, a class is a task; when a label is predicted, a class is one label of
/// a task, and an episode holds labels of one task. A split never divides a task.
/// </summary>
internal static class CsvDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "csv";

    // The one task of a table whose tasks are pooled.
    private const string AllRows = "all rows";

    private const string Expected = "a CSV file whose first line names the columns, or a folder that holds one";

    /// <summary>Reads a table whose first line names the columns.</summary>
    /// <param name="path">The file, or a folder with one that has the columns.</param>
    /// <param name="taskColumn">Name of the column that tells tasks apart; null for a table that is one task.</param>
    /// <param name="targetColumn">Name of the column to predict.</param>
    /// <param name="predictsClass">Whether the target is a label; otherwise a number.</param>
    /// <param name="inputs">Names of the columns that are inputs; none: all others.</param>
    /// <param name="dropped">Names of columns that are not.</param>
    /// <param name="isPooled">Whether all tasks are one, as in supervised training: a class is a label, or all rows.</param>
    /// <exception cref="DataException">The file is missing or empty, a column does not exist, or a field is not a number.</exception>
    public static IEpisodeDataset Open(
        string path, string? taskColumn, string targetColumn, bool predictsClass, string[]? inputs = null, string[]? dropped = null, bool isPooled = false)
    {
        string[] told = [.. taskColumn is null ? (string[])[] : [taskColumn], targetColumn];
        RowFiles listed = RowFiles.List(Name, path, Expected);
        string file = FittingFile.Of(listed, candidate => HasColumns(candidate, told), $"the name{(told.Length > 1 ? "s" : "")} {string.Join(" and ", told)}");
        Table table = Table.Read(file);
        int target = table.Column(targetColumn);
        int task = taskColumn is null ? target : table.Column(taskColumn);
        int[] others = [.. told.Select(table.Column), .. (dropped ?? []).Select(table.Column)];
        int[] features = inputs is { Length: > 0 } ? [.. inputs.Select(table.Column)] : [.. Enumerable.Range(0, table.Columns.Length).Except(others)];
        if (features.Length == 0)
        {
            throw new DataException($"{file} has no column but {string.Join(" and ", others.Select(column => table.Columns[column]))}, expected at least one for inputs: add one");
        }

        int grouped = isPooled ? target : task;
        List<TableRow> rows = table.Rows.FindAll(row => !MissingValue.Is(row.Fields[grouped]) && !MissingValue.Is(row.Fields[target]));
        if (rows.Count == 0)
        {
            throw new DataException($"{table.File.At(table.Rows[0])} has nothing in column {(MissingValue.Is(table.Rows[0].Fields[grouped]) && !isPooled ? taskColumn : targetColumn)}, nor has any other: fill it, or name another column");
        }

        var numbers = TableNumbers.Of(table, predictsClass ? features : [target, .. features]);
        CsvInputs vectors = new(table, rows, features, inputs is { Length: > 0 }, numbers);
        IGrouping<(string Task, string Label), TableExample>[] classes =
        [
            .. rows
                .GroupBy(
                    row => (Task: isPooled ? AllRows : table.Word(row, task), Label: predictsClass ? table.Word(row, target) : ""),
                    row => new TableExample(vectors.Of(row), predictsClass ? 0 : (float)numbers.Read(row, target)))
                .OrderBy(item => item.Key.Task, StringComparer.Ordinal).ThenBy(item => item.Key.Label, StringComparer.Ordinal),
        ];
        string[] tasks = [.. classes.Select(item => item.Key.Task).Distinct()];
        Dictionary<string, int> groups = new(tasks.Select((name, i) => KeyValuePair.Create(name, i)), StringComparer.Ordinal);
        ImmutableArray<DatasetClass> named =
        [
            .. classes.Select(item => predictsClass && isPooled
                ? new DatasetClass(item.Key.Label, item.Count())
                : predictsClass
                ? new DatasetClass($"{item.Key.Task}/{item.Key.Label}", item.Count(), groups[item.Key.Task])
                : new DatasetClass(item.Key.Task, item.Count())),
        ];
        int unread = table.Rows.Count - rows.Count;
        string recipe = $"csv, reading 2, task {taskColumn}, target {targetColumn}, {(predictsClass ? "class" : "value")}, inputs {string.Join(' ', features)}, {(inputs is null ? "found" : "named")}{(isPooled ? ", pooled" : "")}";
        return new TableTasks(
            new DatasetCatalog(Name, InputShape.Vector(vectors.Length), named, table.Digest(recipe))
            {
                TargetLength = predictsClass ? 0 : 1,
                HasUnits = true,
                Inputs = InputNames.OfColumns(vectors.Names),
                Nouns = (predictsClass ? "labels" : "tasks", "rows"),
                Notices =
                [
                    .. ((string?[])[
                        unread == 0 ? null : $"{file}: {unread} of {table.Rows.Count} rows have no {(isPooled ? "" : $"{taskColumn} or no ")}{targetColumn} and are left out",
                        numbers.Notice, .. vectors.Notices, listed.Unread(listed.Paths.Where(other => other != file))]).OfType<string>(),
                ],
            },
            [.. classes.Select(item => item.ToArray())]);
    }

    private static bool HasColumns(TableFile file, params string[] names) =>
        Array.TrueForAll(names, name => ColumnNames.Find(file.Names ?? file.Rows[0].Fields, name, []) >= 0);
}
