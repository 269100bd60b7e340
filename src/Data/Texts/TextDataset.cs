using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Texts;

/// <summary>
/// Short texts by label, from files of separated values or of JSON objects. An input is the text's first <see cref="TextTokens"/>; 0 stands for the padding of
/// shorter texts.
/// </summary>
internal sealed class TextDataset : ITextDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "text";

    // Of a length that is left to the data: enough for what few-shot texts are, and for the filters of networks.
    private const int LeastLength = 16;
    private const int MostLength = 1024;

    private const string Expected = "a file of texts with their labels (TSV, CSV, JSON), or a folder of such";

    private readonly byte[][][] _texts;
    private readonly TextTokens _tokens;

    private TextDataset(List<LabelledText> texts, TextTokens tokens, int length, string digest, IEnumerable<string?> notices)
    {
        _tokens = tokens;
        IGrouping<string, LabelledText>[] labels = [.. texts.GroupBy(text => text.Label).OrderBy(label => label.Key, StringComparer.Ordinal)];
        _texts = [.. labels.Select(label => label.Select(text => tokens.Cut(text.Bytes, length)).ToArray())];
        Catalog = new DatasetCatalog(
            Name, InputShape.Tokens(length, tokens.Vocabulary), [.. labels.Select((label, i) => new DatasetClass(label.Key, _texts[i].Length))], digest)
        {
            Notices = [.. notices.OfType<string>()], Nouns = ("labels", "texts"),
        };
    }

    /// <inheritdoc />
    public DatasetCatalog Catalog { get; }

    /// <summary>Reads a file, or all files of texts of a folder in the order of their names.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="wanted">Number of tokens that are read of each text; null for as many as 95% of them have, within limits.</param>
    /// <param name="labelColumn">Name of the column of labels; null to find it.</param>
    /// <param name="textColumn">Name of the column of texts; null to find it.</param>
    /// <param name="kind">What a token is; null for a byte.</param>
    /// <exception cref="DataException">A file is missing, empty or not UTF-8, its columns cannot be told, or a row has no label or no text.</exception>
    public static TextDataset Open(string path, int? wanted, string? labelColumn = null, string? textColumn = null, TextTokens? kind = null)
    {
        TextTokens tokens = kind ?? TextTokens.Bytes;
        RowFiles listed = RowFiles.List(Name, path, Expected);
        TextFiles files = new(listed);
        if (files.Read.Count == 0)
        {
            throw new DataException($"{listed.Place} holds no file of rows: pass {Expected}");
        }

        (List<TextSource> sources, string? guess) = TextColumns.Choose(files.Read, labelColumn, textColumn);
        string? skipped = files.Skipped(sources, labelColumn, textColumn);
        (List<LabelledText> Texts, string? Notice)[] read = [.. sources.Select(source => source.Read())];
        List<LabelledText> texts = [.. read.SelectMany(source => source.Texts)];
        int[] lengths = [.. texts.Select(text => tokens.CountOf(text.Bytes)).Order()];
        int length = wanted ?? Math.Clamp(Enough(lengths), LeastLength, MostLength);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"text, reading 2, {length} {tokens.Name}\n")));
        foreach (TextSource source in sources)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"label {source.Label}, text {source.Text}, header {source.HasHeader}\n")));
            hash.AppendData(SHA256.HashData(source.File.Content));
        }

        return new TextDataset(
            texts, tokens, length, Convert.ToHexStringLower(hash.GetHashAndReset()),
            [guess, .. read.Select(source => source.Notice), listed.Unread(listed.Paths.Except(sources.Select(source => source.File.Path)).Except(files.Unreadable)), skipped, Cut(lengths, length, tokens)]);
    }

    /// <inheritdoc />
    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(quarterTurns, 0);
        _tokens.Copy(_texts[classIndex][exampleIndex], destination);
    }

    /// <inheritdoc />
    public string TextOf(int classIndex, int exampleIndex) => Encoding.UTF8.GetString(_texts[classIndex][exampleIndex]);

    /// <summary>How many tokens hold 95% of the texts whole.</summary>
    private static int Enough(int[] lengths) => lengths[(int)((lengths.Length * 95L + 99) / 100) - 1];

    /// <summary>A line about texts that are cut, if they are more than one in twenty.</summary>
    private static string? Cut(int[] lengths, int length, TextTokens tokens)
    {
        int longer = lengths.Count(count => count > length);
        return longer * 20L <= lengths.Length ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"{longer} of {lengths.Length} texts ({100.0 * longer / lengths.Length:0.#}%) are longer than {length} {tokens.Name} and are cut; --text-length {Enough(lengths)} would hold 95% of them whole");
    }
}
