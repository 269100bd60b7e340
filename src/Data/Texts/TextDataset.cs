using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Texts;

/// <summary>
/// Short texts by label, from files of separated values or of JSON objects. An input is the text's first bytes in UTF-8, each
/// plus 1; 0 stands for the padding of shorter texts, so the vocabulary has 257 tokens.
/// </summary>
internal sealed class TextDataset : ITextDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "text";

    /// <summary>Number of different tokens.</summary>
    public const int Vocabulary = 257;

    private const string Expected = "a file of texts with their labels (TSV, CSV, JSON), or a folder of such";

    private readonly byte[][][] _texts;

    private TextDataset(List<LabelledText> texts, int length, string digest, IEnumerable<string?> notices)
    {
        IGrouping<string, LabelledText>[] labels = [.. texts.GroupBy(text => text.Label).OrderBy(label => label.Key, StringComparer.Ordinal)];
        _texts = [.. labels.Select(label => label.Select(text => text.Bytes[..Math.Min(length, text.Bytes.Length)]).ToArray())];
        Catalog = new DatasetCatalog(
            Name, InputShape.Tokens(length, Vocabulary), [.. labels.Select((label, i) => new DatasetClass(label.Key, _texts[i].Length))], digest)
        {
            Notices = [.. notices.OfType<string>()], Nouns = ("labels", "texts"),
        };
    }

    /// <inheritdoc />
    public DatasetCatalog Catalog { get; }

    /// <summary>Reads a file, or all files of texts of a folder in the order of their names.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="length">Number of bytes that are read of each text.</param>
    /// <param name="labelColumn">Name of the column of labels; null to find it.</param>
    /// <param name="textColumn">Name of the column of texts; null to find it.</param>
    /// <exception cref="DataException">A file is missing, empty or not UTF-8, its columns cannot be told, or a row has no label or no text.</exception>
    public static TextDataset Open(string path, int length, string? labelColumn = null, string? textColumn = null)
    {
        RowFiles listed = RowFiles.List(Name, path, Expected);
        TextFiles files = new(listed);
        if (files.Read.Count == 0)
        {
            throw new DataException($"{listed.Place} holds no file of rows: pass {Expected}");
        }

        (List<TextSource> sources, string? guess) = TextColumns.Choose(files.Read, labelColumn, textColumn);
        string? skipped = files.Skipped(sources, labelColumn, textColumn);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"text, reading 2, {length} bytes\n")));
        foreach (TextSource source in sources)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"label {source.Label}, text {source.Text}, header {source.HasHeader}\n")));
            hash.AppendData(SHA256.HashData(source.File.Content));
        }

        (List<LabelledText> Texts, string? Notice)[] read = [.. sources.Select(source => source.Read())];
        List<LabelledText> texts = [.. read.SelectMany(source => source.Texts)];
        return new TextDataset(
            texts, length, Convert.ToHexStringLower(hash.GetHashAndReset()),
            [guess, .. read.Select(source => source.Notice), listed.Unread(listed.Paths.Except(sources.Select(source => source.File.Path)).Except(files.Unreadable)), skipped, Cut([.. texts.Select(text => text.Bytes.Length)], length)]);
    }

    /// <inheritdoc />
    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(quarterTurns, 0);
        byte[] text = _texts[classIndex][exampleIndex];
        for (int i = 0; i < Catalog.Input.Length; i++)
        {
            destination[i] = i < text.Length ? text[i] + 1 : 0;
        }
    }

    /// <inheritdoc />
    public string TextOf(int classIndex, int exampleIndex) => Encoding.UTF8.GetString(_texts[classIndex][exampleIndex]);

    /// <summary>A line about texts that are cut, if they are more than one in twenty.</summary>
    private static string? Cut(int[] lengths, int length)
    {
        int longer = lengths.Count(bytes => bytes > length);
        if (longer * 20L <= lengths.Length)
        {
            return null;
        }

        Array.Sort(lengths);
        int enough = lengths[(int)((lengths.Length * 95L + 99) / 100) - 1];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{longer} of {lengths.Length} texts ({100.0 * longer / lengths.Length:0.#}%) are longer than {length} bytes and are cut; --text-length {enough} would hold 95% of them whole");
    }
}
