using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Texts;

/// <summary>
/// Short texts by label, from UTF-8 files of lines <c>label, tab, text</c>. An input is the text's first bytes, each plus
/// 1; 0 stands for the padding of shorter texts, so the vocabulary has 257 tokens.
/// </summary>
internal sealed class TextDataset : ITextDataset
{
    /// <summary>The dataset's name in options.</summary>
    public const string Name = "text";

    /// <summary>Number of different tokens.</summary>
    public const int Vocabulary = 257;

    private static readonly string[] _endings = [".tsv", ".txt"];

    private readonly byte[][][] _texts;

    private TextDataset(IEnumerable<LabelledText> texts, int length, string digest)
    {
        IGrouping<string, LabelledText>[] labels = [.. texts.GroupBy(text => text.Label).OrderBy(label => label.Key, StringComparer.Ordinal)];
        _texts = [.. labels.Select(label => label.Select(text => text.Bytes).ToArray())];
        Catalog = new DatasetCatalog(
            Name, InputShape.Tokens(length, Vocabulary), [.. labels.Select((label, i) => new DatasetClass(label.Key, _texts[i].Length))], digest);
    }

    /// <inheritdoc />
    public DatasetCatalog Catalog { get; }

    /// <summary>Reads a file, or all *.tsv and *.txt files of a folder in the order of their names.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="length">Number of bytes that are read of each text.</param>
    /// <exception cref="DataException">A file is missing, empty or not UTF-8, or a line has no label or no text.</exception>
    public static TextDataset Open(string path, int length)
    {
        string[] files = Directory.Exists(path)
            ? [.. DataPath.List(path).OfType<FileInfo>().Where(file => _endings.Contains(file.Extension.ToLowerInvariant())).Select(file => file.FullName)]
            : [path];
        if (files.Length == 0)
        {
            throw new DataException($"{path} holds no .tsv or .txt file: pass a file of lines 'label, tab, text' or a folder of such");
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"text, reading 1, {length} bytes\n")));
        List<LabelledText> texts = [];
        foreach (string file in files)
        {
            DataPath.RequireFile(Name, file, "a file of lines 'label, tab, text' or a folder of such");
            byte[] content = DataPath.ReadAll(file);
            hash.AppendData(SHA256.HashData(content));
            int before = texts.Count;
            texts.AddRange(TextLines.Read(file, content).Where(line => line.Text.Length > 0).Select(line => Parse(file, line, length)));
            if (texts.Count == before)
            {
                throw new DataException($"{file} is empty, expected lines 'label, tab, text': fill or remove it");
            }
        }

        return new TextDataset(texts, length, Convert.ToHexStringLower(hash.GetHashAndReset()));
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

    private static LabelledText Parse(string file, TextLine line, int length)
    {
        int tab = line.Text.IndexOf('\t', StringComparison.Ordinal);
        string label = tab < 0 ? "" : line.Text[..tab].Trim();
        byte[] bytes = Encoding.UTF8.GetBytes(line.Text[(tab + 1)..].Trim());
        return label.Length == 0 ? throw new DataException($"{file} line {line.Number} has no label, expected 'label, tab, text': add one, or remove the line")
            : bytes.Length == 0 ? throw new DataException($"{file} line {line.Number} has no text behind its label: add one, or remove the line")
            : new LabelledText(label, bytes[..Math.Min(length, bytes.Length)]);
    }

    private sealed record LabelledText(string Label, byte[] Bytes);
}
