using System.Text;
using CsCheck;
using MetaMap.Data.Texts;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Texts;

public sealed class TextTokensTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CopyInput_Characters_AreCodePointsInLowerCase()
    {
        TextDataset dataset = Open("a\tÄb银😀Z\n", TextTokens.Characters, 6);
        Assert.Equal(InputShape.Tokens(6, 0x110001), dataset.Catalog.Input);
        Assert.Equal(['ä' + 1, 'b' + 1, '银' + 1, 0x1F600 + 1, 'z' + 1, 0], dataset.Image(0, 0));
        Assert.Equal("Äb银😀Z", dataset.TextOf(0, 0));
        Assert.Equal("Äb银", Open("a\tÄb银😀Z\n", TextTokens.Characters, 3).TextOf(0, 0));
    }

    [Fact]
    public void CopyInput_AnyText_IsItsCharacters() => Gen.String[1, 40].Select(text => string.Concat(text.EnumerateRunes()).Replace('\t', ' ').Replace('\n', ' ').Replace('\r', ' ').Trim())
        .Where(text => text.Length > 0 && text[0] != '"' && text[0] != '\uFEFF').Repeatable().Sample(text =>
    {
        Rune[] expected = [.. text.EnumerateRunes()];
        foreach (int length in (int[])[1, 7, 80])
        {
            TextDataset dataset = Open("a\t" + text, TextTokens.Characters, length);
            float[] input = dataset.Image(0, 0);
            Assert.Equal(expected.Take(length).Select(character => Rune.ToLowerInvariant(character).Value + 1f), input[..Math.Min(length, expected.Length)]);
            Assert.All(input[Math.Min(length, expected.Length)..], value => Assert.Equal(0, value));
            Assert.Equal(string.Concat(expected.Take(length)), dataset.TextOf(0, 0));
        }
    }, iter: 100, threads: 1);

    [Fact]
    public void Open_OtherTokens_HaveAnotherDigest() =>
        Assert.NotEqual(Open("a\tb", TextTokens.Bytes, 6).Catalog.Digest, Open("a\tb", TextTokens.Characters, 6).Catalog.Digest);

    [Theory]
    [InlineData(1, 30, 30)]
    [InlineData(2, 30, 50)]
    [InlineData(20, 5000, 1024)]
    [InlineData(0, 3, 16)]
    public void Open_LengthLeftOpen_HoldsNineteenOfTwentyTexts(int longer, int ordinary, int expected)
    {
        string lines = string.Concat(Enumerable.Range(0, 20).Select(i => $"x\t{new string('a', i < longer ? Math.Max(50, ordinary) : ordinary)}\n"));
        Assert.Equal(expected, Open(lines, TextTokens.Bytes, null).Catalog.Input.Length);
    }

    [Fact]
    public void FromData_LengthLeftOpen_IsWhatTheDataCameTo()
    {
        var definition = new TextDefinition();
        KeyValuePair<string, object> option = Assert.Single(definition.FromData(new TextOptions(), InputShape.Tokens(33, 257)));
        Assert.Equal(("text_length", 33), (option.Key, option.Value));
        Assert.Empty(definition.FromData(new TextOptions { TextLength = 20 }, InputShape.Tokens(20, 257)));
    }

    private TextDataset Open(string content, TextTokens tokens, int? length)
    {
        File.WriteAllText(_folder["texts.tsv"], content);
        return TextDataset.Open(_folder["texts.tsv"], length, kind: tokens);
    }
}
