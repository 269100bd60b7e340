namespace MetaMap.Core.Tests;

public sealed class PrintableTextTests
{
    [Theory]
    [InlineData("Größe 'ß' 漢字 \ud83d\ude00", "Größe 'ß' 漢字 \ud83d\ude00")]
    [InlineData("\u001b[2Ja\nb\tc\u0085d\u2028", @"\u001b[2Ja\u000ab\u0009c\u0085d\u2028")]
    public void Printable_AnyText_HasNothingThatATerminalObeys(string text, string expected)
    {
        Assert.Equal(expected, text.Printable());
        Assert.Equal(expected, expected.Printable());
    }

    [Fact]
    public void Message_OfAReadableError_IsPrintable()
    {
        Assert.Equal(@"a\u001bb", new DataException("a\u001bb").Message);
        Assert.Equal(@"a\u000ab", ReadableException.Describe(new IOException("a\nb")));
    }
}
