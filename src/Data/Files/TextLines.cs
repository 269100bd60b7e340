using System.Text;
using System.Text.Unicode;
using MetaMap.Core;

namespace MetaMap.Data.Files;

/// <summary>One line of a text file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">Without its line ending.</param>
internal readonly record struct TextLine(int Number, string Text);

/// <summary>Reads text files that must be UTF-8.</summary>
internal static class TextLines
{
    private static ReadOnlySpan<byte> Gzip => [0x1f, 0x8b];

    /// <summary>Checks that a file's content is UTF-8.</summary>
    /// <exception cref="DataException">A line is not.</exception>
    public static void RequireUtf8(string path, ReadOnlySpan<byte> content)
    {
        if (!Utf8.IsValid(content))
        {
            Read(path, content);
        }
    }

    /// <summary>All lines.</summary>
    /// <exception cref="DataException">The file cannot be read, or a line is not UTF-8.</exception>
    public static List<TextLine> Read(string path) => Read(path, DataPath.ReadAll(path));

    /// <summary>All lines of a file whose content has already been read.</summary>
    /// <exception cref="DataException">A line is not UTF-8.</exception>
    public static List<TextLine> Read(string path, ReadOnlySpan<byte> content)
    {
        content = content.StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content;
        List<TextLine> lines = [];
        foreach (Range range in content.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = content[range];
            line = line.EndsWith("\r"u8) ? line[..^1] : line;
            lines.Add(Utf8.IsValid(line)
                ? new TextLine(lines.Count + 1, Encoding.UTF8.GetString(line))
                : throw new DataException($"{path} line {lines.Count + 1} is not UTF-8 text: {(content.StartsWith(Gzip) ? "unpack the file, which gzip has packed" : "convert the file to UTF-8")}"));
        }

        return lines;
    }
}
