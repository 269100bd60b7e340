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

    /// <summary>Its texts.</summary>
    /// <exception cref="DataException">A row has no label or no text, or more fields than there are columns.</exception>
    public IEnumerable<LabelledText> Texts() => File.Rows.Skip(HasHeader && File.Names is null ? 1 : 0).Select(Parse);

    private LabelledText Parse(TableRow row)
    {
        string[] fields = row.Fields;
        // What has no quotes may hold its own separator, as long as the text is last.
        bool isOpenEnded = File.Separator == SeparatedRows.Tab && Text == Columns - 1;
        if (fields.Length > Columns && !isOpenEnded)
        {
            throw new DataException($"{File.At(row)} has {fields.Length} fields, expected {Columns} as in the first line: put the text into quotes");
        }

        string label = fields.Length < Columns && Label < Text ? "" : Field(fields, Label);
        string text = fields.Length > Columns ? string.Join(SeparatedRows.Tab, fields[Text..]).Trim() : Field(fields, Text);
        return label.Length == 0 ? throw new DataException($"{File.At(row)} has no label, expected '{Form}': add one, or remove the {File.Unit}")
            : text.Length == 0 ? throw new DataException($"{File.At(row)} has no text {(Label < Text ? "behind" : "before")} its label: add one, or remove the {File.Unit}")
            : new LabelledText(label, Encoding.UTF8.GetBytes(text));
    }

    private string Form => string.Join(", ", ((string[])[.. Label < Text ? ["label", "text"] : (string[])["text", "label"]])
        .SelectMany((word, i) => i == 1 && File.Separator == SeparatedRows.Tab ? ["tab", word] : (string[])[word]));

    private static string Field(string[] fields, int index) => index < fields.Length ? fields[index].Trim() : "";
}
