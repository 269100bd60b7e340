using System.Text;
using CsCheck;
using MetaMap.Core;
using MetaMap.Data.Texts;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Texts;

public sealed class TextDatasetTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_AFile_GroupsItsLinesByLabel()
    {
        TextDataset dataset = Open("sad\tno\nglad\tyes\r\n\nsad\tnever ever\n");
        Assert.Equal([new DatasetClass("glad", 1), new DatasetClass("sad", 2)], dataset.Catalog.Classes.AsEnumerable());
        Assert.Equal(("text", InputShape.Tokens(6, 257), 0), (dataset.Catalog.Name, dataset.Catalog.Input, dataset.Catalog.TargetLength));
        Assert.Equal(['y' + 1, 'e' + 1, 's' + 1, 0, 0, 0], dataset.Image(0, 0));
        Assert.Equal("never ".Select(c => c + 1f), dataset.Image(1, 1));
    }

    [Fact]
    public void Open_AFolder_ReadsItsFilesInOrder()
    {
        File.WriteAllText(_folder["b.txt"], "x\tsecond");
        File.WriteAllText(_folder["a.tsv"], "x\tfirst", Encoding.UTF8);
        File.WriteAllText(_folder["readme.md"], "no texts");
        TextDataset dataset = TextDataset.Open(_folder.Path, 8);
        Assert.Equal([new DatasetClass("x", 2)], dataset.Catalog.Classes.AsEnumerable());
        Assert.Equal('f' + 1, dataset.Image(0, 0)[0]);
    }

    [Fact]
    public void CopyInput_AnyText_IsItsBytes() => Gen.String[1, 40].Select(text => text.Replace('\t', ' ').Replace('\n', ' ').Trim()).Where(text => text.Length > 0).Repeatable().Sample(text =>
    {
        byte[] bytes = Encoding.UTF8.GetBytes("a\t" + text)[2..];
        float[] input = Open("a\t" + Encoding.UTF8.GetString(bytes), length: 200).Image(0, 0);
        Assert.Equal(bytes.Select(value => value + 1f), input[..bytes.Length]);
        Assert.All(input[bytes.Length..], value => Assert.Equal(0, value));
    }, iter: 100, threads: 1);

    [Fact]
    public void Catalog_OtherLengthOrText_HasAnotherDigest()
    {
        string digest = Open("a\tb").Catalog.Digest;
        Assert.Equal(digest, Open("a\tb").Catalog.Digest);
        Assert.NotEqual(digest, Open("a\tb", length: 7).Catalog.Digest);
        Assert.NotEqual(digest, Open("a\tc").Catalog.Digest);
    }

    [Theory]
    [InlineData("a\tb\nno label here\n", "line 2 has no label, expected 'label, tab, text'")]
    [InlineData("a\tb\n\n \tc\n", "line 3 has no label")]
    [InlineData("a\tb\nc\t \n", "line 2 has no text behind its label")]
    [InlineData("", "is empty")]
    [InlineData("\n\n", "is empty")]
    public void Open_BadLine_NamesIt(string content, string part) => AssertTells(part, Assert.Throws<DataException>(() => Open(content)));

    [Fact]
    public void Open_NotUtf8_NamesTheLine()
    {
        File.WriteAllBytes(_folder["texts"], [.. "a\tb\na\t"u8, 0xFF, 0xFE, (byte)'\n']);
        AssertTells("line 2 is not UTF-8 text", Assert.Throws<DataException>(() => TextDataset.Open(_folder["texts"], 6)));
    }

    [Fact]
    public void Open_MissingOrEmptyFolder_IsTold()
    {
        AssertTells("does not exist", Assert.Throws<DataException>(() => TextDataset.Open(_folder["none"], 6)));
        Directory.CreateDirectory(_folder["empty"]);
        AssertTells("holds no .csv, .tsv, .txt, .dat, .data, .json, .jsonl or .ndjson file", Assert.Throws<DataException>(() => TextDataset.Open(_folder["empty"], 6)));
    }

    private TextDataset Open(string content, int length = 6)
    {
        File.WriteAllText(_folder["texts"], content);
        return (TextDataset)new TextDefinition().Open(
            new TextOptions { TextLength = length }, new EpisodeShape(5, 1, 1), _folder["texts"]);
    }

    private void AssertTells(string part, DataException error)
    {
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
