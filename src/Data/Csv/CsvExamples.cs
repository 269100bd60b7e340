using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Csv;

/// <summary>Reads somebody's own rows of a table by the names of the columns that a model was trained on; the column to predict may be missing.</summary>
/// <param name="options">Of the dataset that the model was trained on.</param>
/// <param name="model">The model's inputs.</param>
internal sealed class CsvExamples(CsvOptions options, ModelInputs model) : RowExamples(CsvDataset.Name, "a CSV file with the columns that the model was trained on")
{
    private readonly ImmutableArray<InputColumnName> _known = model.Known.Columns;

    /// <inheritdoc />
    public override RowForm Row => new([.. _known.Select(column => column.Name)], options.TargetColumn!.Trim(), options.Target != CsvOptions.ClassTarget);

    /// <inheritdoc />
    protected override GivenExamples Of(TableFile file)
    {
        Table table = file.Named();
        int[] sources = [.. _known.Select(column => Array.IndexOf(table.Columns, column.Name))];
        string[] missing = [.. _known.Where((_, i) => sources[i] < 0).Select(column => column.Name)];
        if (missing.Length > 0)
        {
            throw new DataException($"{file.Path} has no {(missing.Length == 1 ? file.ColumnsWord[..^1] : file.ColumnsWord)} {string.Join(", ", missing)}, only {string.Join(", ", table.Columns)}, and the model was trained on {(missing.Length == 1 ? "it" : "them")}: add {(missing.Length == 1 ? "it" : "them")}");
        }

        int target = Array.IndexOf(table.Columns, options.TargetColumn!.Trim());
        bool isClass = options.Target == CsvOptions.ClassTarget;
        var numbers = TableNumbers.Of(table, [.. sources.Where((_, i) => !_known[i].HoldsWords), .. target >= 0 && !isClass ? (int[])[target] : []]);
        SortedSet<string> unseen = new(StringComparer.Ordinal);
        SortedSet<string> filled = new(StringComparer.Ordinal);
        ImmutableArray<GivenExample> examples =
        [
            .. table.Rows.Select(row =>
            {
                string? answer = target < 0 || MissingValue.Is(row.Fields[target]) ? null : row.Fields[target].Trim();
                return new GivenExample($"{file.Unit} {row.Line}", isClass ? answer : null, Input(row), isClass || answer is null ? [] : [(float)numbers.Read(row, target)]);
            }),
        ];
        int tasks = options.TaskColumn is { } name && Array.IndexOf(table.Columns, name.Trim()) is >= 0 and int task ? table.Rows.Select(row => row.Fields[task].Trim()).Distinct().Count() : 1;
        return new GivenExamples(examples, [.. ((string?[])[
            tasks == 1 ? null : $"{file.Path} has rows of {tasks} tasks ({options.TaskColumn}), which are taken for one",
            numbers.Notice,
            unseen.Count == 0 ? null : $"{file.Path}: words that the model was not trained on are taken for none ({unseen.Count}): {string.Join(", ", unseen)}",
            filled.Count == 0 ? null : $"{file.Path}: values are missing in {string.Join(", ", filled)}, and are filled with the mean of the training rows"]).OfType<string>()]);

        float[] Input(TableRow row)
        {
            float[] input = new float[model.Shape.Length];
            int at = 0;
            for (int i = 0; i < sources.Length; i++)
            {
                InputColumnName column = _known[i];
                string field = row.Fields[sources[i]];
                if (!column.HoldsWords && !MissingValue.Is(field))
                {
                    input[at] = (float)numbers.Read(row, sources[i]);
                }
                else if (!column.HoldsWords)
                {
                    filled.Add(column.Name);
                    input[at] = (float)(model.Scales?.InputMeans[at] ?? throw new DataException($"{file.At(row)} has nothing in column {column.Name}: complete it"));
                    input[at + column.Length - 1] = column.HasMissing ? 1 : input[at];
                }
                else if (column.Words.IndexOf(WordColumn.Of(field)) is >= 0 and int word)
                {
                    input[at + word] = 1;
                }
                else
                {
                    unseen.Add($"{(WordColumn.Of(field) is { Length: > 0 } other ? other : "nothing")} in {column.Name}");
                }

                at += column.Length;
            }

            return input;
        }
    }
}
