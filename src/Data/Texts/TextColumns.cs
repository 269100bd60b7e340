using MetaMap.Core;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Texts;

/// <summary>
/// Finds the columns of labels and texts: by the given names, by usual ones, or by repetition, since labels repeat and texts
/// do not.
/// </summary>
internal static class TextColumns
{
    private static readonly string[] _labels =
        ["label", "labels", "category", "class", "intent", "topic", "sentiment", "emotion", "target", "tag", "labeltext", "labelname", "classname"];

    private static readonly string[] _texts =
        ["text", "texts", "sentence", "utterance", "content", "message", "query", "question", "review", "comment", "tweet", "document", "body", "description", "title", "input", "sms"];

    /// <summary>The columns of some files, and what is to be said about them.</summary>
    /// <param name="files">The files.</param>
    /// <param name="label">Name of the column of labels; null where it was not given.</param>
    /// <param name="text">Name of the column of texts; null where it was not given.</param>
    /// <returns>The files that hold texts, and a line where their columns were guessed.</returns>
    /// <exception cref="DataException">No file has the columns, or they cannot be told.</exception>
    public static (List<TextSource> Sources, string? Notice) Choose(List<TableFile> files, string? label, string? text)
    {
        List<(TableFile File, int Label, int Text)> found = [.. files.Select(file => Find(file, label, text))];
        found.ForEach(file => RequireOne(file.File, file.Label, file.Text, label, text));
        List<TextSource> named = [.. found.Where(file => file.Label >= 0 && file.Text >= 0).Select(file => new TextSource(file.File, file.Label, file.Text, true))];
        List<(TableFile File, int Label, int Text)> open = [.. found
            .Where(file => (file.Label < 0 || file.Text < 0) && NamesOf(file.File).Length > 1 && (label is null || file.Label >= 0) && (text is null || file.Text >= 0))];
        List<TextSource> guessed = [];
        string? notice = null;
        // A usual name counts alone where it cannot be a text of a first line without names.
        foreach (var alike in open.GroupBy(file => (
            NamesOf(file.File).Length, Label: label is null && file.File.Names is null ? -1 : file.Label, Text: text is null && file.File.Names is null ? -1 : file.Text)))
        {
            List<TableFile> these = [.. alike.Select(file => file.File)];
            if (Guess(these, alike.Key.Label, alike.Key.Text) is { } sources)
            {
                guessed.AddRange(sources);
                notice ??= Explain(sources[0]);
            }
            else if (named.Count == 0)
            {
                throw Ask(these[0], alike.Key.Label < 0, alike.Key.Text < 0);
            }
        }

        List<TextSource> all = [.. named.Concat(guessed).OrderBy(source => files.IndexOf(source.File))];
        return all.Count > 0 ? (all, notice) : throw Lacking(files[0], label, text);
    }

    /// <summary>Whether a file names both columns.</summary>
    public static bool AreNamed(TableFile file, string? label, string? text) => Find(file, label, text) is { Label: >= 0, Text: >= 0 };

    private static void RequireOne(TableFile file, int labels, int texts, string? label, string? text)
    {
        // A single usual name may be a word of a first line without names.
        bool isNamed = file.Names is not null || (labels >= 0 && texts >= 0);
        if (isNamed && label is null)
        {
            ColumnNames.RequireOne(file.Path, NamesOf(file), [text], "labels", "--label-column", _labels);
        }

        if (isNamed && text is null)
        {
            ColumnNames.RequireOne(file.Path, NamesOf(file), [label], "texts", "--text-column", _texts);
        }
    }

    private static (TableFile File, int Label, int Text) Find(TableFile file, string? label, string? text)
    {
        (int labels, int texts) = (ColumnNames.Find(NamesOf(file), label, _labels), ColumnNames.Find(NamesOf(file), text, _texts));
        // A given name is meant, whatever else it usually stands for.
        return labels != texts ? (file, labels, texts) : (file, label is null ? -1 : labels, text is null ? -1 : texts);
    }

    /// <summary>The columns of files that have the same number of them; null where they cannot be told.</summary>
    private static List<TextSource>? Guess(List<TableFile> files, int label, int text)
    {
        int columns = NamesOf(files[0]).Length;
        bool hasNames = label >= 0 || text >= 0;
        List<string[]> body = [.. files.SelectMany(file => file.Rows.Skip(file.Names is null ? 1 : 0)).Select(row => row.Fields)];
        int[] labels = label >= 0 ? [label] : [.. Enumerable.Range(0, columns).Where(column => column != text && Distinct(body, column) > 1 && Repeats(body, column))];
        int[] texts = text >= 0 ? [text] : [.. Enumerable.Range(0, columns).Where(column => column != label && !Repeats(body, column) && !IsNumbers(body, column))];
        if (columns == 2 && hasNames)
        {
            (labels, texts) = ([label >= 0 ? label : 1 - text], [text >= 0 ? text : 1 - label]);
        }

        if (labels is [var one] && texts is [var other])
        {
            HashSet<string> known = [.. body.Select(fields => Field(fields, one))];
            return [.. files.Select(file => new TextSource(file, one, other, hasNames || file.Names is not null || !known.Contains(Field(file.Rows[0].Fields, one))))];
        }

        // Too few rows to tell: the form that is documented.
        return columns == 2 && files.TrueForAll(file => file.Separator == SeparatedRows.Tab) ? [.. files.Select(file => new TextSource(file, 0, 1, false))] : null;
    }

    private static bool Repeats(List<string[]> rows, int column) => Distinct(rows, column) * 2 <= rows.Count;

    private static int Distinct(List<string[]> rows, int column) => rows.Select(fields => Field(fields, column)).Distinct().Count();

    private static bool IsNumbers(List<string[]> rows, int column) => rows.TrueForAll(fields => TableNumbers.IsNumber(Field(fields, column)));

    private static string[] NamesOf(TableFile file) => file.Names ?? file.Rows[0].Fields;

    private static string Field(string[] fields, int column) => column < fields.Length ? fields[column].Trim() : "";

    private static string Explain(TextSource source) => source.HasHeader
        ? $"{source.File.Path}: the column {NamesOf(source.File)[source.Label].Trim()} is taken for the labels and {NamesOf(source.File)[source.Text].Trim()} for the texts; --label-column and --text-column name others"
        : $"{source.File.Path} does not name its columns: number {source.Label + 1} is taken for the labels and {source.Text + 1} for the texts; a first line such as {(source.Label < source.Text ? "label, text" : "text, label")} would name them";

    private static DataException Ask(TableFile file, bool noLabel, bool noText)
    {
        string what = noLabel && noText ? "labels and which texts" : noLabel ? "labels" : "texts";
        string options = noLabel && noText ? "--label-column and --text-column" : noLabel ? "--label-column" : "--text-column";
        return new DataException($"{file.Path} does not tell which of its {file.ColumnsWord} ({List(file)}) holds {what}: pass {options}{(file.Names is null ? ", and write names of the columns into the first line if it has none" : "")}");
    }

    private static DataException Lacking(TableFile file, string? label, string? text)
    {
        string[] names = NamesOf(file);
        string? missing = label is not null && ColumnNames.Find(names, label, []) < 0 ? label : text is not null && ColumnNames.Find(names, text, []) < 0 ? text : null;
        return new DataException(missing is not null ? $"{file.Path} has no column '{missing}', only {List(file)}: name one of these"
            : file.Names is null ? $"{file.Path} has one column, expected a label and a text in each line: separate them by a tab, or write CSV"
            : $"{file.Path} has objects with one key ({List(file)}), expected a label and a text in each: write both, or use another file");
    }

    private static string List(TableFile file) => string.Join(", ", NamesOf(file).Select(name => name.Length > 40 ? name[..40] + "…" : name));
}
