using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data.Csv;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Data.Tests.Csv;

public sealed class CsvDatasetTests : IDisposable
{
    private const string Table = "x,plant,y,\"z, really\"\n1,b,10,2\n3,a,20,-4e2\n5,b,30,6\n";

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ValueTarget_MakesATaskOfEachGroupOfRows()
    {
        IRegressionDataset dataset = (IRegressionDataset)Open(Table);
        Assert.Equal([new DatasetClass("a", 1), new DatasetClass("b", 2)], dataset.Catalog.Classes.AsEnumerable());
        Assert.Equal((InputShape.Vector(2), 1), (dataset.Catalog.Input, dataset.Catalog.TargetLength));
        float[] target = new float[1];
        dataset.CopyTarget(1, 1, target);
        Assert.Equal(30, target[0]);
        Assert.Equal([5, 6], dataset.Image(1, 1));
        Assert.Equal([3, -400], dataset.Image(0, 0));
    }

    [Fact]
    public void Open_ClassTarget_MakesClassesOfTasksAndLabels()
    {
        DatasetCatalog catalog = Open("t,l,x\nq,no,1\np,yes,2\np,no,3\np,yes,4\nq,yes,5\n", "t", "l", "class", ways: 2).Catalog;
        Assert.Equal(0, catalog.TargetLength);
        Assert.Equal(
            [new DatasetClass("p/no", 1, 0), new DatasetClass("p/yes", 2, 0), new DatasetClass("q/no", 1, 1), new DatasetClass("q/yes", 1, 1)],
            catalog.Classes.AsEnumerable());
    }

    [Fact]
    public void Sample_ClassTarget_StaysWithinATask()
    {
        string rows = string.Concat(from task in Enumerable.Range(0, 10) from label in Enumerable.Range(0, 3) from i in Enumerable.Range(0, 4) select $"t{task},l{label},{i}\n");
        IEpisodeDataset dataset = Open("t,l,x\n" + rows, "t", "l", "class", ways: 3);
        RunOptions options = OptionValues.Of(("split", "seeded"), ("ways", 3), ("shots", 2), ("queries", 2)).Resolve();
        EpisodeSampler sampler = EpisodeSampler.For(options, dataset.Catalog);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Single(
            sampler.Sample(SplitPart.Test, 0, i).Classes.Select(c => dataset.Catalog.Classes[c.ClassIndex].Group).Distinct()));
        Assert.Equal(3 * 2, EpisodeExamples.Load(dataset, sampler.Sample(SplitPart.Train, 1, 0)).Support.Labels.Length);
    }

    [Fact]
    public void Catalog_OtherColumns_HaveAnotherDigest() =>
        Assert.NotEqual(Open(Table).Catalog.Digest, Open(Table, target: "x").Catalog.Digest);

    [Theory]
    [InlineData("plant,y,x\na,1,NaN\n", "leaves out x (has no values): name columns with --columns")]
    [InlineData("plant,y,x\na,1,Infinity\na,2,1\n", "line 2 has 'Infinity' in column x, expected a finite number")]
    [InlineData("plant,y,x\na,1,2\n\na,big,2\n", "line 4 has 'big' in column y")]
    [InlineData("plant,y,x\n,1,2\n", "line 2 has nothing in column plant")]
    [InlineData("plant,x\na,2\n", "has no column 'y', only plant, x: name one of these")]
    [InlineData("plant,y\na,2\n", "has no column but plant and y")]
    [InlineData("plant,y,y\na,2,3\n", "names the column 'y' twice")]
    [InlineData("plant,y,x\na,2,3,4\n", "line 2 has 4 fields, expected 3")]
    [InlineData("plant,y,x\n", "no lines below them")]
    [InlineData("", "is empty")]
    public void Open_BadTable_NamesLineAndColumn(string content, string part)
    {
        string message = Assert.Throws<DataException>(() => Open(content)).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Contains(_folder["table.csv"], message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(null, "y", "value", null, "pass --task-column.")]
    [InlineData("plant", null, "value", null, "pass --target-column.")]
    [InlineData("y", "y", "value", null, "are both y; name two columns.")]
    [InlineData("plant", "y", "class", null, "--ways is not given; say how many.")]
    [InlineData("plant", "y", "value", 2, "leave it out, or pass --target class.")]
    public void Open_OptionsThatDoNotGoTogether_AreRefused(string? task, string? target, string kind, int? ways, string end) =>
        Assert.EndsWith(end, Assert.Throws<ConfigurationException>(() => Open(Table, task, target, kind, ways)).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_LineAfterAQuotedLineBreak_HasItsOwnNumber() =>
        Assert.Contains("line 4 has 'bad'", Assert.Throws<DataException>(() => Open("plant,y,x\n\"a\nb\",1,2\na,1,bad\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_EmptyFolder_IsTold() => Assert.Contains(
        "file: pass a CSV file", Assert.Throws<DataException>(() => CsvDataset.Open(_folder.Path, "a", "b", false)).Message, StringComparison.Ordinal);

    private IEpisodeDataset Open(string content, string? task = "plant", string? target = "y", string kind = "value", int? ways = null)
    {
        File.WriteAllText(_folder["table.csv"], content);
        return new CsvDefinition().Open(
            new CsvOptions { TaskColumn = task, TargetColumn = target, Target = kind, Ways = ways }, new EpisodeShape(ways ?? 1, 1, 1), _folder["table.csv"]);
    }
}
