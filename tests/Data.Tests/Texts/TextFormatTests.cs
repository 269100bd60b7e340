using System.IO.Compression;
using System.Text;
using MetaMap.Core;
using MetaMap.Data.Texts;
using MetaMap.Testing;
using Xunit.Abstractions;

namespace MetaMap.Data.Tests.Texts;

/// <summary>Texts in the forms that people have them in.</summary>
public sealed class TextFormatTests(ITestOutputHelper output) : IDisposable
{
    private static readonly DatasetClass[] _both = [new("bye", 2), new("hi", 2)];

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.tsv", "label\ttext\nhi\thello you\nbye\tso long\nhi\tgood day\nbye\tsee you\n")]
    [InlineData("a.tsv", "text\tlabel\nhello you\thi\nso long\tbye\ngood day\thi\nsee you\tbye\n")]
    [InlineData("a.csv", "text,category\nhello you,hi\nso long,bye\n\"good day\",hi\nsee you,bye\n")]
    [InlineData("a.csv", "id,Utterance,Intent,split\n1,hello you,hi,train\n2,so long,bye,train\n3,good day,hi,test\n4,see you,bye,test\n")]
    [InlineData("a.csv", "label;text\nhi;hello you\nbye;so long\nhi;good day\nbye;see you\n")]
    [InlineData("a.csv", "\uFEFFlabel,text\r\nhi,hello you\r\nbye,so long\r\nhi,good day\r\nbye,see you\r\n")]
    [InlineData("a.json", """[{"text":"hello you","label":"hi"},{"label":"bye","text":"so long"},{"text":"good day","label":"hi","more":[1]},{"text":"see you","label":"bye"}]""")]
    [InlineData("a.jsonl", "{\"text\":\"hello you\",\"label\":\"hi\"}\n\n{\"text\":\"so long\",\"label\":\"bye\"}\n{\"text\":\"good day\",\"label\":\"hi\"}\n{\"text\":\"see you\",\"label\":\"bye\"}\n")]
    [InlineData("a.json", "{\"text\":\"hello you\",\"label\":\"hi\"}\n{\"text\":\"so long\",\"label\":\"bye\"}\n{\"text\":\"good day\",\"label\":\"hi\"}\n{\"text\":\"see you\",\"label\":\"bye\"}\n")]
    public void Open_NamedColumns_AreReadWithoutAWord(string name, string content)
    {
        TextDataset dataset = Open(name, content);
        Assert.Equal(_both, dataset.Catalog.Classes.AsEnumerable());
        Assert.Equal(["so long", "see you", "hello you", "good day"], Texts(dataset));
        Assert.Empty(dataset.Catalog.Notices);
    }

    [Theory]
    [InlineData("a.tsv", "hi\thello you\nbye\tso long\nhi\tgood day\nbye\tsee you\n", "does not name its columns: number 1 is taken for the labels and 2 for the texts")]
    [InlineData("a.tsv", "hello you\thi\nso long\tbye\ngood day\thi\nsee you\tbye\nsee you\tbye\n", "does not name its columns: number 2 is taken for the labels and 1 for the texts")]
    [InlineData("a.csv", "hi,hello you\nbye,so long\nhi,good day\nbye,see you\nhi,good day\n", "does not name its columns: number 1 is taken for the labels and 2 for the texts")]
    [InlineData("a.csv", "Absicht;Satz\nhi;hello you\nbye;so long\nhi;good day\nbye;see you\n", "the column Absicht is taken for the labels and Satz for the texts; --label-column and --text-column name others")]
    [InlineData("a.jsonl", "{\"s\":\"hello you\",\"c\":1}\n{\"s\":\"so long\",\"c\":0}\n{\"s\":\"good day\",\"c\":1}\n{\"s\":\"see you\",\"c\":0}\n", "the column c is taken for the labels and s for the texts")]
    public void Open_NoUsualNames_GuessesByRepetitionAndSaysSo(string name, string content, string notice)
    {
        DatasetCatalog catalog = Open(name, content).Catalog;
        Assert.Equal(2, catalog.Classes.Length);
        Assert.Contains(notice, Assert.Single(catalog.Notices), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.csv", "a,b\nx,y\nz,w\n", "does not tell which of its columns (a, b) holds labels and which texts: pass --label-column and --text-column")]
    [InlineData("a.csv", "kind,part,body\na,1,x y\na,1,y x\nb,2,z z\nb,2,w w\n", "(kind, part, body) holds labels and which texts: pass --label-column and --text-column")]
    [InlineData("a.jsonl", "{\"kind\":\"a\",\"part\":1,\"body\":\"x y\"}\n{\"kind\":\"b\",\"part\":2,\"body\":\"y x\"}\n", "(kind, part, body) holds labels: pass --label-column")]
    [InlineData("a.csv", "label,text\n", "has names of columns but no lines below them")]
    [InlineData("a.csv", "only one column\nof texts\n", "has one column, expected a label and a text in each line")]
    [InlineData("a.json", """{"a":1}{""", "is JSON of another form, expected an array of objects, or one object a line")]
    [InlineData("a.json", """["a","b"]""", "is JSON of another form")]
    [InlineData("a.json", """{"data":[{"text":"x","label":"y"}]}""", "is JSON of another form, expected an array of objects, or one object a line: convert it")]
    [InlineData("a.json", "[]", "is empty, expected an array of objects, or one object a line: use another file")]
    [InlineData("a.jsonl", "", "is empty, expected an array of objects, or one object a line: use another file")]
    [InlineData("a.json", """[{"text":"x"}]""", "has objects with one key (text), expected a label and a text in each: write both, or use another file")]
    [InlineData("a.csv", "title,text,label\na,b,c\n", "has 2 columns that may hold texts (title, text): pass --text-column")]
    [InlineData("a.csv", "text,label,label_text\na,0,c\n", "has 2 columns that may hold labels (label, label_text): pass --label-column")]
    [InlineData("a.jsonl", "{\"title\":\"a\",\"body\":\"b\",\"kind\":\"c\"}\n", "has 2 columns that may hold texts (title, body): pass --text-column")]
    [InlineData("a.json", "[{\"a\":1},\n{]", "line 2 is not valid JSON")]
    [InlineData("a.jsonl", "{\"text\":\"x\",\"label\":\"y\"}\n{\"text\":\n", "line 2 is not valid JSON")]
    [InlineData("a.jsonl", "{\"text\":\"x\",\"label\":\"y\"}\n{\"text\":\"z\"}\n", "line 2 has no label, expected 'text, label'")]
    [InlineData("a.json", """[{"text":"x","label":"y"},{"text":null,"label":"y"}]""", "item 2 has no text before its label: add one, or remove the item")]
    [InlineData("a.csv", "label,text\nhi,hello, you\n", "line 2 has 3 fields, expected 2 as in the first line: put the text into quotes")]
    [InlineData("a.csv", "text,label\nhello,hi\nno label\n", "line 3 has no label, expected 'text, label'")]
    public void Open_WhatCannotBeTold_IsAskedForInOneSentence(string name, string content, string part)
    {
        File.WriteAllText(_folder[name], content);
        string message = Assert.Throws<DataException>(() => TextDataset.Open(_folder[name], 20)).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.StartsWith(_folder[name], message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Open_GivenColumns_WinOverUsualNames()
    {
        const string Content = "label,text,topic,body\na,x,hi,hello you\na,y,bye,so long\na,z,hi,good day\na,w,bye,see you\n";
        TextDataset dataset = Open("a.csv", Content, "topic", "body");
        Assert.Equal(["so long", "see you", "hello you", "good day"], Texts(dataset));
        Assert.Equal(["so long", "see you", "hello you", "good day"], Texts(Open("a.csv", "text,x\nhi,hello you\nbye,so long\nhi,good day\nbye,see you\n", label: "text")));
        Assert.Contains("has no column 'kind', only label, text, topic, body: name one of these", Assert.Throws<DataException>(() => Open("a.csv", Content, "kind")).Message, StringComparison.Ordinal);
        Assert.Equal(
            "--label-column and --text-column are both text; name two columns.",
            Assert.Throws<ConfigurationException>(() => new TextDefinition().Open(new TextOptions { LabelColumn = "text", TextColumn = "text" }, default, _folder["a.csv"])).Message);
    }

    [Fact]
    public void Open_HeaderInEachFile_IsNoClass()
    {
        foreach (int part in (int[])[0, 1])
        {
            File.WriteAllText(_folder[$"part{part}.tsv"], $"label\ttext\nhi\thello {part}\nbye\tso long {part}\n");
        }

        TextDataset dataset = TextDataset.Open(_folder.Path, 20);
        Assert.Equal(_both, dataset.Catalog.Classes.AsEnumerable());
        Assert.Equal(["so long 0", "so long 1", "hello 0", "hello 1"], Texts(dataset));
    }

    [Fact]
    public void Open_UnusualHeaderInEachFile_IsNoClass()
    {
        foreach (int part in (int[])[0, 1])
        {
            File.WriteAllText(_folder[$"part{part}.tsv"], $"Absicht\tSatz\nhi\thello {part}\nbye\tso long {part}\n");
        }

        Assert.Equal(_both, TextDataset.Open(_folder.Path, 20).Catalog.Classes.AsEnumerable());
    }

    [Fact]
    public void Open_FolderWithStrayFiles_SkipsAndCountsThem()
    {
        Directory.CreateDirectory(_folder["only"]);
        File.WriteAllText(_folder["only/train.csv"], "text,label\nhello,hi\nso long,bye\n");
        File.WriteAllText(_folder["only/test.csv"], "text,label\ngood day,hi\nsee you,bye\n");
        File.WriteAllText(_folder["only/categories.json"], """["hi","bye"]""");
        File.WriteAllText(_folder["only/README.txt"], "Texts.\nTheir labels are hi and bye.\n");
        File.WriteAllText(_folder["only/picture.png"], "");
        TextDataset dataset = TextDataset.Open(_folder.Path, 20);
        Assert.Equal(_both, dataset.Catalog.Classes.AsEnumerable());
        Assert.Equal($"{_folder["only"]}: 3 other entries are not read (README.txt, categories.json, picture.png)", Assert.Single(dataset.Catalog.Notices));
    }

    /// <summary>Each is one that a folder of texts may have beside them.</summary>
    [Theory]
    [InlineData("notes.json", "[{\"half\": ")]
    [InlineData("README.txt", "Caf\u00e9")]
    [InlineData("empty.tsv", "")]
    [InlineData("log.data", "\u001f\u008bnot packed")]
    public void Open_FolderWithAStrayFileThatCannotBeRead_SkipsItAndSaysWhy(string name, string content)
    {
        File.WriteAllText(_folder["train.csv"], "text,label\nhello,hi\nso long,bye\n");
        File.WriteAllText(_folder["test.csv"], "text,label\ngood day,hi\nsee you,bye\n");
        File.WriteAllText(_folder[name], content, Encoding.Latin1);
        DatasetCatalog catalog = TextDataset.Open(_folder.Path, 20).Catalog;
        Assert.Equal(_both, catalog.Classes.AsEnumerable());
        Assert.StartsWith($"1 other file that cannot be read is skipped ({_folder[name]} ", Assert.Single(catalog.Notices), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test.csv", "text,label\ncaf\u00e9,hi\n", "test.csv line 2 is not UTF-8 text")]
    [InlineData("test.csv", "caf\u00e9,hi\n", "test.csv line 1 is not UTF-8 text")]
    [InlineData("test.txt", "intent\ttext\nhi\tcaf\u00e9\n", "test.txt line 2 is not UTF-8 text")]
    public void Open_FolderWithADamagedFileOfTexts_IsTold(string name, string content, string part)
    {
        File.WriteAllText(_folder["train.csv"], "text,label\nhello,hi\nso long,bye\n");
        File.WriteAllText(_folder[name], content, Encoding.Latin1);
        Assert.Contains(part, Assert.Throws<DataException>(() => TextDataset.Open(_folder.Path, 20)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.json")]
    [InlineData("a.csv.gz")]
    public void Open_FolderWithADamagedFileOfTheEndingOfTexts_IsTold(string name)
    {
        File.WriteAllText(_folder["b" + name[1..].Replace(".gz", "", StringComparison.Ordinal)], name == "a.json" ? """[{"text":"x","label":"y"}]""" : "text,label\nhello,hi\nso long,bye\n");
        File.WriteAllBytes(_folder[name], [0x1f, 0x8b, 8, 0, 1, 2, 3]);
        Assert.Contains(name, Assert.Throws<DataException>(() => TextDataset.Open(_folder.Path, 20)).Message, StringComparison.Ordinal);
    }

    /// <summary>A row for each of them would take their square.</summary>
    [Fact]
    public void Open_ObjectsWithKeysOfTheirOwn_IsTold()
    {
        File.WriteAllText(_folder["a.jsonl"], string.Concat(Enumerable.Range(0, 5000).Select(i => $"{{\"key{i}\":1}}\n")));
        Assert.Contains(
            "has more than 4096 different keys up to line 4097: write rows that all have the same keys",
            Assert.Throws<DataException>(() => TextDataset.Open(_folder["a.jsonl"], 20)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_QuotesInTabs_AreRfc4180OrCharacters()
    {
        Assert.Equal(["say \"hi\"", "a\tb"], Texts(Open("a.tsv", "label\ttext\nx\t\"say \"\"hi\"\"\"\nx\t\"a\tb\"\n")));
        Assert.Equal(["\"so\" he said", "and \"no"], Texts(Open("a.tsv", "label\ttext\nx\t\"so\" he said\nx\tand \"no\n")));
        Assert.Equal(["\"one", "two\""], Texts(Open("a.tsv", "label\ttext\nx\t\"one\nx\ttwo\"\n")));
        Assert.Equal(["one\ttwo", "three"], Texts(Open("a.tsv", "label\ttext\nx\tone\ttwo\nx\tthree\n")));
    }

    [Fact]
    public void Open_LineBreaksInTexts_AreKept()
    {
        Assert.Equal(["a\nb", "c"], Texts(Open("a.csv", "text,label\n\"a\nb\",x\nc,x\n")));
        TextDataset dataset = Open("a.csv", "text,label\na\n\nb\n,x\nc,x\n");
        Assert.Equal(["a\nb", "c"], Texts(dataset));
        Assert.EndsWith("a.csv line 2 and 1 more have no label: each is taken for the beginning of the text that goes on below it", Assert.Single(dataset.Catalog.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PackedOrUtf16_IsTheSameDataset()
    {
        const string Content = "label,text\nhi,höllo\n";
        string digest = Open("a.csv", Content).Catalog.Digest;
        using (GZipStream zip = new(File.Create(_folder["b.csv.gz"]), CompressionLevel.Fastest))
        {
            zip.Write(Encoding.UTF8.GetBytes(Content));
        }

        File.WriteAllText(_folder["c.csv"], Content, Encoding.Unicode);
        Assert.Equal(digest, TextDataset.Open(_folder["b.csv.gz"], 20).Catalog.Digest);
        Assert.Equal(digest, TextDataset.Open(_folder["c.csv"], 20).Catalog.Digest);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    [InlineData(1)]
    public void Open_PackedFileThatIsCutOff_IsRefused(int missing)
    {
        using (GZipStream zip = new(File.Create(_folder["a.csv.gz"]), CompressionLevel.Fastest))
        {
            zip.Write(Encoding.UTF8.GetBytes("label,text\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"a{i % 7},text number {i * i}\n"))));
        }

        File.WriteAllBytes(_folder["b.csv.gz"], File.ReadAllBytes(_folder["a.csv.gz"])[..^missing]);
        Assert.Contains("b.csv.gz is a gzip file that is cut off, damaged or made of several", Assert.Throws<DataException>(() => TextDataset.Open(_folder["b.csv.gz"], 20)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OtherColumns_HaveAnotherDigest()
    {
        const string Content = "label,text,other\nhi,hello,x\nhi,you,x\n";
        Assert.NotEqual(Open("a.csv", Content).Catalog.Digest, Open("a.csv", Content, label: "other").Catalog.Digest);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Open_LongTexts_AreToldAboveOneInTwenty(int longer, bool isTold)
    {
        string lines = string.Concat(Enumerable.Range(0, 20).Select(i => $"x,{new string('a', i < longer ? 50 + i : 10)}\n"));
        DatasetCatalog catalog = Open("a.csv", "label,text\n" + lines).Catalog;
        Assert.Equal(
            isTold ? ["2 of 20 texts (10%) are longer than 20 bytes and are cut; --text-length 50 would hold 95% of them whole"] : (string[])[], catalog.Notices.AsEnumerable());
    }

    [Fact]
    public void Open_Banking77_IsReadAsItIs()
    {
        if (SharedData.Find("banking77", output) is { } folder)
        {
            DatasetCatalog catalog = TextDataset.Open(folder, 128).Catalog;
            Assert.Equal((77, 10_003 + 3_080), (catalog.Classes.Length, catalog.Classes.Sum(item => item.ExampleCount)));
            Assert.Equal(["line 1293 and 2 more", "--text-length"], catalog.Notices.Select((line, i) => new[] { "line 1293 and 2 more", "--text-length" }.First(line.Contains)));
        }
    }

    private TextDataset Open(string name, string content, string? label = null, string? text = null)
    {
        File.WriteAllText(_folder[name], content);
        return (TextDataset)new TextDefinition().Open(new TextOptions { TextLength = 20, LabelColumn = label, TextColumn = text }, default, _folder[name]);
    }

    private static IEnumerable<string> Texts(TextDataset dataset) =>
        from label in Enumerable.Range(0, dataset.Catalog.Classes.Length)
        from i in Enumerable.Range(0, dataset.Catalog.Classes[label].ExampleCount)
        select Encoding.UTF8.GetString([.. dataset.Image(label, i).TakeWhile(token => token > 0).Select(token => (byte)(token - 1))]);
}
