using MetaMap.Core;
using MetaMap.Data.Tables;

namespace MetaMap.Data.Tests.Catalogs;

public sealed class NamedInputsTests
{
    private static readonly InputColumnName _height = new("height", [], HasMissing: true);
    private static readonly InputColumnName _colour = new("colour", ["blue", "red"], HasMissing: false);
    private static readonly InputNames _known = InputNames.OfColumns([_height, _colour]);

    [Fact]
    public void Of_SameColumns_IsTheDatasetItself()
    {
        TableTasks table = Table([_height, _colour], [1, 0, 0, 1]);
        Assert.Same(table, NamedInputs.Of(table, null, NoTraining));
        Assert.Same(table, NamedInputs.Of(table, InputNames.OfColumns([_height, _colour]), NoTraining));
    }

    [Fact]
    public void Of_OtherOrderAndMoreColumns_FindsThemByName()
    {
        TableTasks table = Table([_colour, new("weight", [], false), _height], [0, 1, 70, 1.8f, 1]);
        IEpisodeDataset named = NamedInputs.Of(table, _known, NoTraining);
        Assert.Equal([1.8f, 1, 0, 1], Input(named, 0));
        Assert.Equal((_known, InputShape.Vector(4)), (named.Catalog.Inputs, named.Catalog.Input));
        Assert.Equal(["columns that the model does not know are left out (1): weight"], named.Catalog.Notices.AsEnumerable());
        float[] target = new float[1];
        ((IRegressionDataset)named).CopyTarget(0, 0, target);
        Assert.Equal([5], target);
    }

    [Fact]
    public void Of_OtherWords_TakesThemForNone()
    {
        IEpisodeDataset named = NamedInputs.Of(Table([new("height", [], false), new("colour", ["", "green", "red"], false)], [2, 0, 1, 0], [3, 0, 0, 1]), _known, NoTraining);
        Assert.Equal([2, 0, 0, 0], Input(named, 0));
        Assert.Equal([3, 0, 0, 1], Input(named, 1));
        Assert.Equal(["words that the model was not trained on are taken for none (2): nothing in colour, green in colour"], named.Catalog.Notices.AsEnumerable());
    }

    [Fact]
    public void Of_MissingColumn_IsRefusedByName()
    {
        var error = Assert.Throws<DataException>(() => NamedInputs.Of(Table([_height, new("Colour", [], false)], [1, 0, 3]), _known, NoTraining));
        Assert.Equal("the data here has no column colour among its inputs (height, Colour), and the model was trained on one: add it", error.Message);
    }

    [Fact]
    public void Of_NumbersInsteadOfWords_AreRefused()
    {
        var error = Assert.Throws<DataException>(() => NamedInputs.Of(Table([_height, new("colour", [], false)], [1, 0, 3]), _known, NoTraining));
        Assert.StartsWith("column colour of the data here holds numbers, and the model was trained on words", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ItemsInTraining_RareOnesShareToken0()
    {
        // a and c twice, b once by training users; d by nobody of them.
        TableTasks ratings = Ratings(["a", "b", "c", "d"], [[1, 2, 3], [1, 3], [4, 4, 2]]);
        IEpisodeDataset named = NamedInputs.Of(ratings, null, () => [0, 1]);
        Assert.Equal(InputNames.OfItems(["a", "c"]), named.Catalog.Inputs);
        Assert.Equal(InputShape.Tokens(1, 3), named.Catalog.Input);
        Assert.Equal([1, 0, 2], Enumerable.Range(0, 3).Select(example => Input(named, example)[0]));
        Assert.Equal(0, Input(named, 0, 2)[0]);
        Assert.Equal(["2 of 4 items do not have 2 ratings by training users, and share one embedding"], named.Catalog.Notices.AsEnumerable());
    }

    [Fact]
    public void Of_ItemsOfOtherData_AreFoundByName()
    {
        IEpisodeDataset named = NamedInputs.Of(Ratings(["c", "new", "a"], [[1, 2, 3]]), InputNames.OfItems(["a", "b", "c"]), NoTraining);
        Assert.Equal([3, 0, 1], Enumerable.Range(0, 3).Select(example => Input(named, example)[0]));
        Assert.Equal(InputShape.Tokens(1, 4), named.Catalog.Input);
    }

    private static IEnumerable<int> NoTraining() => throw new InvalidOperationException("nobody asks for training classes");

    private static TableTasks Table(InputColumnName[] columns, params float[][] rows) => new(
        new DatasetCatalog("table", InputShape.Vector(columns.Sum(column => column.Length)), [new("task", rows.Length)], "d") { TargetLength = 1, Inputs = InputNames.OfColumns(columns) },
        [[.. rows.Select(row => new TableExample(row, 5))]]);

    private static TableTasks Ratings(string[] items, float[][] users) => new(
        new DatasetCatalog("ratings", InputShape.Tokens(1, items.Length + 1), [.. users.Select((user, i) => new DatasetClass($"u{i}", user.Length))], "d")
        {
            TargetLength = 1, Inputs = InputNames.OfItems(items),
        },
        [.. users.Select(user => user.Select(item => new TableExample([item], 3)).ToArray())]);

    private static float[] Input(IEpisodeDataset dataset, int example, int user = 0)
    {
        float[] input = new float[dataset.Catalog.Input.Length];
        dataset.CopyInput(user, example, 0, input);
        return input;
    }
}
