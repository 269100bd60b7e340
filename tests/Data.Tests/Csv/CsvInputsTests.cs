using MetaMap.Core;
using MetaMap.Data.Csv;
using MetaMap.Testing;
using Xunit.Abstractions;

namespace MetaMap.Data.Tests.Csv;

/// <summary>Which columns of a table become inputs, and what they hold.</summary>
public sealed class CsvInputsTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_SemicolonsAndDecimalCommas_AreNumbers()
    {
        IEpisodeDataset dataset = Open("task;y;x;z\na;1;0,5;-1,25e2\na;2;1,125;3\n");
        Assert.Equal([0.5f, -125f], dataset.Image(0, 0));
        Assert.Equal([1.125f, 3f], dataset.Image(0, 1));
        Assert.Contains("writes decimals with a comma, as '0,5' in line 2", Assert.Single(dataset.Catalog.Notices), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("task;y;x\na;1;0,5\na;2;1.5\n", "line 2 has '0,5' in column x, but line 3 has '1.5' in column x: write all numbers with a point for decimals")]
    [InlineData("task,y,x\na,1,\"1,500\"\na,2,\"2,250\"\n", "line 2 has '1,500' in column x, which may be 1500 or 1.500: write one of these")]
    [InlineData("task,y,x\na,1,\"1,500,000\"\na,2,7\n", "line 2 has '1,500,000' in column x, expected a finite number: write a point for decimals and nothing between thousands")]
    public void Open_NumbersOfTwoMeanings_AreRefused(string content, string part) =>
        Assert.Contains(part, Assert.Throws<DataException>(() => Open(content)).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_Words_AreOneInputForEachOfTheirValues()
    {
        IEpisodeDataset dataset = Open("task,y,sex,x\na,1,m,4\na,2,f,5\na,3,,6\n");
        Assert.Equal([0, 0, 1, 4], dataset.Image(0, 0));
        Assert.Equal([0, 1, 0, 5], dataset.Image(0, 1));
        Assert.Equal([1, 0, 0, 6], dataset.Image(0, 2));
        Assert.Contains("words become one input for each of their values: sex 3", dataset.Catalog.Notices[0], StringComparison.Ordinal);
        Assert.Contains("values are missing in sex (1 of 3 rows); a number is filled with", dataset.Catalog.Notices[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("NA")]
    [InlineData("nan")]
    [InlineData("?")]
    public void Open_MissingNumbers_AreTheMeanAndSaid(string missing)
    {
        IEpisodeDataset dataset = Open($"task,y,x\na,1,4\na,2,{missing}\na,3,8\n");
        Assert.Equal([4, 0], dataset.Image(0, 0));
        Assert.Equal([6, 1], dataset.Image(0, 1));
        Assert.Contains("values are missing in x (1 of 3 rows); a number is filled with its column's mean", Assert.Single(dataset.Catalog.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MissingTaskOrTarget_LeavesTheRowOut()
    {
        IEpisodeDataset dataset = Open("task,y,x\na,1,4\n,2,5\na,NA,6\na,3,8\n");
        Assert.Equal([new DatasetClass("a", 2)], dataset.Catalog.Classes.AsEnumerable());
        Assert.EndsWith("2 of 4 rows have no task or no y and are left out", Assert.Single(dataset.Catalog.Notices), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(",task,y,x", "1,a,1,5\n2,a,2,4\n3,b,3,7\n", " (tells rows apart)")]
    [InlineData("rownames,task,y,x", "0,a,1,5\n1,a,2,4\n2,b,3,7\n", "rownames (tells rows apart)")]
    [InlineData("task,y,x,PassengerId", "a,1,5,31\na,2,4,7\nb,3,7,12\n", "PassengerId (tells rows apart)")]
    [InlineData("task,y,x,empty", "a,1,5,\na,2,4,NA\nb,3,7,\n", "empty (has no values)")]
    public void Open_ColumnsWithoutMeaning_AreLeftOutAndNamed(string header, string rows, string named)
    {
        IEpisodeDataset dataset = Open($"{header}\n{rows}");
        Assert.Equal(InputShape.Vector(1), dataset.Catalog.Input);
        Assert.Contains($"left out of the inputs: {named}; --columns names those to take", Assert.Single(dataset.Catalog.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ManyDifferentWords_AreLeftOutUnlessNamed()
    {
        string table = "task,y,x,name\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"a,{i},1,n{i}\n"));
        Assert.Contains("name (has 60 different words, more than 50)", Assert.Single(Open(table).Catalog.Notices), StringComparison.Ordinal);
        Assert.Contains("column name of", Assert.Throws<DataException>(() => Open(table, columns: "x,name")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ColumnsAndDrop_ChooseInputs()
    {
        const string Table = "n,task,y,x,\"z, too\"\n1,a,1,5,6\n2,a,2,4,7\n";
        Assert.Equal([6, 1], Open(Table, columns: "\"z, too\", n").Image(0, 0));
        Assert.Equal([6], Open(Table, drop: "x").Image(0, 0));
        Assert.NotEqual(Open(Table, drop: "x").Catalog.Digest, Open(Table).Catalog.Digest);
        Assert.Contains("has no column 'w', only n, task, y, x, z, too: name one of these", Assert.Throws<DataException>(() => Open(Table, drop: "w")).Message, StringComparison.Ordinal);
        Assert.Contains("leaves out n (tells rows apart): name columns with --columns", Assert.Throws<DataException>(() => Open(Table, drop: "x,\"z, too\"")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x", "x", "--columns names all inputs, so --drop would do nothing; leave one of them out.")]
    [InlineData("x,y", null, "--columns names y, but that is --target-column and never an input; leave it out.")]
    [InlineData(null, "task", "--drop names task, but that is --task-column and never an input; leave it out.")]
    [InlineData(",", null, "--columns names no column; name those that are inputs, separated by commas, or leave it out.")]
    public void Open_ColumnsThatDoNotGoTogether_AreRefused(string? columns, string? drop, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<ConfigurationException>(() => Open("task,y,x\na,1,2\n", columns, drop)).Message);

    [Fact]
    public void Open_FolderWithStrayFiles_FindsTheTable()
    {
        Directory.CreateDirectory(_folder["d"]);
        File.WriteAllText(_folder["d/t.tsv"], "task\ty\tx\na\t1\t2\n");
        File.WriteAllText(_folder["d/other.csv"], "a,b\n1,2\n");
        DatasetCatalog catalog = CsvDataset.Open(_folder.Path, "task", "y", false).Catalog;
        Assert.Equal([new DatasetClass("a", 1)], catalog.Classes.AsEnumerable());
        Assert.Equal($"{_folder["d"]}: 1 other entry is not read (other.csv)", Assert.Single(catalog.Notices));
    }

    [Fact]
    public void Open_Exam_LeavesTheRowNumberOut()
    {
        if (SharedData.Find("tables", output) is { } folder)
        {
            DatasetCatalog catalog = CsvDataset.Open(folder, "school", "normexam", false).Catalog;
            Assert.Equal((65, 4059), (catalog.Classes.Length, catalog.Classes.Sum(item => item.ExampleCount)));
            Assert.Contains("left out of the inputs: rownames (tells rows apart)", catalog.Notices[0], StringComparison.Ordinal);
            Assert.EndsWith("schgend 3, vr 3, intake 3, sex 2, type 2", catalog.Notices[1], StringComparison.Ordinal);
            Assert.Equal(InputShape.Vector(3 + 3 + 3 + 3 + 2 + 2), catalog.Input);
        }
    }

    private IEpisodeDataset Open(string content, string? columns = null, string? drop = null)
    {
        File.WriteAllText(_folder["t.csv"], content);
        return new CsvDefinition().Open(new CsvOptions { TaskColumn = "task", TargetColumn = "y", Columns = columns, Drop = drop }, default, _folder["t.csv"]);
    }
}
