using System.Globalization;

namespace MetaMap.Core;

/// <summary>Text that somebody else has chosen, such as a label or the name of a file, in a sentence for people.</summary>
public static class PrintableText
{
    /// <summary>True for what a terminal obeys, or a log takes for the end of a line: control characters, and Unicode's separators of lines and paragraphs.</summary>
    public static bool IsUnprintable(char character) => char.IsControl(character) || character is '\u2028' or '\u2029';

    /// <summary>The text with each such character as <c>\u001b</c>; a second time it changes nothing.</summary>
    public static string Printable(this string text) => !text.Any(IsUnprintable) ? text
        : string.Concat(text.Select(character => IsUnprintable(character) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}") : character.ToString()));
}
