using System.Text;
using MetaMap.Core;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Texts;

/// <summary>One text.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Bytes">It in UTF-8.</param>
internal sealed record LabelledText(string Label, byte[] Bytes);

/// <summary>A file of texts.</summary>
/// <param name="File">The file.</param>
/// <param name="Label">Index of the column of labels.</param>
/// <param name="Text">Index of the column of texts.</param>
/// <param name="HasHeader">Whether its first row names the columns.</param>
internal sealed record TextSource(TableFile File, int Label, int Text, bool HasHeader)
{
    private int Columns => File.Names?.Length ?? File.Rows[0].Fields.Length;

    /// <summary>Its texts, and a line about those that go over several lines without quotes.</summary>
    /// <exception cref="DataException">A row has no label or no text, or more fields than there are columns.</exception>
    public (List<LabelledText> Texts, string? Notice) Read()
    {
        List<LabelledText> texts = [];
        List<TableRow> begun = [];
        List<TableRow> joined = [];
        foreach (TableRow row in File.Rows.Skip(HasHeader && File.Names is null ? 1 : 0))
        {
            if (IsBeginning(row))
            {
                begun.Add(row);
                continue;
            }

            texts.Add(Parse(row, begun));
            joined.AddRange(begun);
            begun.Clear();
        }

        return begun.Count > 0 ? throw Unlabelled(begun[0])
            : texts.Count == 0 ? throw new DataException($"{File.Path} has names of columns but no lines below them: fill or remove it")
            : (texts, joined.Count == 0 ? null : $"{File.At(joined[0])}{(joined.Count == 1 ? " has" : $" and {joined.Count - 1} more have")} no label: each is taken for the beginning of the text that goes on below it");
    }

    /// <summary>Where the label comes last, a line without one is the beginning of a text with line breaks and no quotes.</summary>
    private bool IsBeginning(TableRow row) => row.Fields.Length == 1 && Text == 0 && Label == Columns - 1 && Columns > 1;

    private LabelledText Parse(TableRow row, List<TableRow> begun)
    {
        string[] fields = row.Fields;
        // What has no quotes may hold its own separator, as long as the text is last.
        bool isOpenEnded = File.Separator == SeparatedRows.Tab && Text == Columns - 1;
        if (fields.Length > Columns && !isOpenEnded)
        {
            throw new DataException($"{File.At(row)} has {fields.Length} fields, expected {Columns} as in the first line: put the text into quotes");
        }

        string label = fields.Length < Columns && Label < Text ? "" : Field(fields, Label);
        string end = fields.Length > Columns ? string.Join(SeparatedRows.Tab, fields[Text..]) : Field(fields, Text);
        string text = string.Join('\n', begun.Select(line => line.Fields[0].Trim()).Append(end)).Trim();
        return label.Length == 0 ? throw Unlabelled(row)
            : text.Length == 0 ? throw new DataException($"{File.At(row)} has no text {(Label < Text ? "behind" : "before")} its label: add one, or remove the {File.Unit}")
            : new LabelledText(label, Encoding.UTF8.GetBytes(text));
    }

    private DataException Unlabelled(TableRow row) => new($"{File.At(row)} has no label, expected '{Form}': add one, or remove the {File.Unit}");

    private string Form => string.Join(", ", ((string[])[.. Label < Text ? ["label", "text"] : (string[])["text", "label"]])
        .SelectMany((word, i) => i == 1 && File.Separator == SeparatedRows.Tab ? ["tab", word] : (string[])[word]));

    private static string Field(string[] fields, int index) => index < fields.Length ? fields[index].Trim() : "";
}
