using System.Text;

namespace MetaMap.Data.Files;

/// <summary>How a text file is encoded, by the mark at its beginning.</summary>
internal static class TextEncoding
{
    private static readonly Encoding[] _marked = [Encoding.Unicode, Encoding.BigEndianUnicode];

    /// <summary>A file's content in UTF-8 without a mark; UTF-16 is known by its mark, everything else is left as it is.</summary>
    public static byte[] ToUtf8(byte[] content) =>
        content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..]
        : Array.Find(_marked, encoding => content.AsSpan().StartsWith(encoding.Preamble)) is { } other ? Encoding.Convert(other, Encoding.UTF8, content[other.Preamble.Length..])
        : content;
}
