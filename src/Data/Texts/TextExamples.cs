using System.Text;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Texts;

/// <summary>Reads somebody's own texts: files of labels and texts as the dataset's, or of one text a line.</summary>
/// <param name="tokens">What a token is.</param>
/// <param name="length">Tokens of an input.</param>
/// <param name="labelColumn">Name of the column of labels; null to find it.</param>
/// <param name="textColumn">Name of the column of texts; null to find it.</param>
internal sealed class TextExamples(TextTokens tokens, int length, string? labelColumn, string? textColumn) : IExampleReader
{
    /// <inheritdoc />
    public ExampleKind Kind => ExampleKind.Text;

    /// <inheritdoc />
    public GivenExamples Read(string path)
    {
        var listed = RowFiles.List(TextDataset.Name, path, "a file of labels and texts, or of one text a line");
        TextFiles files = new(listed);
        if (files.Read is [{ Names: null } single] && single.Rows.TrueForAll(row => row.Fields.Length == 1))
        {
            return new GivenExamples([.. single.Rows.Select(row => row.Fields[0].Trim()).Where(text => text.Length > 0).Select(text => Example(text, null, text))], []);
        }

        (List<TextSource> sources, string? guess) = TextColumns.Choose(files.Read, labelColumn, textColumn);
        (List<LabelledText> Texts, string? Notice)[] read = [.. sources.Select(source => source.Read())];
        return new GivenExamples(
            [.. read.SelectMany(source => source.Texts).Select(text => Encoding.UTF8.GetString(text.Bytes)).Zip(read.SelectMany(source => source.Texts), (text, labelled) => Example(text, labelled.Label, text))],
            [.. ((string?[])[guess, .. read.Select(source => source.Notice), files.Skipped(sources, labelColumn, textColumn)]).OfType<string>()]);
    }

    /// <inheritdoc />
    public GivenExample Read(string name, string? label, ExampleContent content) => content is ExampleContent.Text { Value: { } text } && !string.IsNullOrWhiteSpace(text)
        ? Example(name, label, text)
        : throw new DataException($"{name} is no text, but the model reads texts: give one");

    private GivenExample Example(string name, string? label, string text)
    {
        float[] input = new float[length];
        tokens.Copy(Encoding.UTF8.GetBytes(text.Trim()), input);
        return new GivenExample(name, label, input, []);
    }
}
