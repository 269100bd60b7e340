using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Files;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Csv;

/// <summary>
/// A table of your own: one column tells the tasks apart, one is predicted, all others are numbers and make the input
/// vector as they stand (no standardisation: scale them in the table). When a value is predicted, a class is a task; when a
/// label is predicted, a class is one label of a task, and an episode holds labels of one task. A split never divides a task.
/// </summary>
internal static class CsvDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "csv";

    /// <summary>Reads a table whose first line names the columns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="taskColumn">Name of the column that tells tasks apart.</param>
    /// <param name="targetColumn">Name of the column to predict.</param>
    /// <param name="predictsClass">Whether the target is a label; otherwise a number.</param>
    /// <exception cref="DataException">The file is missing or empty, a column does not exist, or a field is not a number.</exception>
    public static IEpisodeDataset Open(string path, string taskColumn, string targetColumn, bool predictsClass)
    {
        DataPath.RequireFile(Name, path, "a CSV file whose first line names the columns");
        Table table = Table.Read(path);
        int task = table.Column(taskColumn);
        int target = table.Column(targetColumn);
        int[] features = [.. Enumerable.Range(0, table.Columns.Length).Where(column => column != task && column != target)];
        if (features.Length == 0)
        {
            throw new DataException($"{path} has no column but {taskColumn} and {targetColumn}, expected at least one of numbers: add one");
        }

        IGrouping<(string Task, string Label), TableExample>[] classes =
        [
            .. table.Rows
                .GroupBy(
                    row => (Task: table.Word(row, task), Label: predictsClass ? table.Word(row, target) : ""),
                    row => new TableExample(
                        [.. features.Select(column => (float)table.Number(row, column))], predictsClass ? 0 : (float)table.Number(row, target)))
                .OrderBy(item => item.Key.Task, StringComparer.Ordinal).ThenBy(item => item.Key.Label, StringComparer.Ordinal),
        ];
        string[] tasks = [.. classes.Select(item => item.Key.Task).Distinct()];
        Dictionary<string, int> groups = new(tasks.Select((name, i) => KeyValuePair.Create(name, i)), StringComparer.Ordinal);
        ImmutableArray<DatasetClass> named =
        [
            .. classes.Select(item => predictsClass
                ? new DatasetClass($"{item.Key.Task}/{item.Key.Label}", item.Count(), groups[item.Key.Task])
                : new DatasetClass(item.Key.Task, item.Count())),
        ];
        string recipe = $"csv, reading 1, task {taskColumn}, target {targetColumn}, {(predictsClass ? "class" : "value")}";
        return new TableTasks(
            new DatasetCatalog(Name, InputShape.Vector(features.Length), named, table.Digest(recipe)) { TargetLength = predictsClass ? 0 : 1 },
            [.. classes.Select(item => item.ToArray())]);
    }
}
