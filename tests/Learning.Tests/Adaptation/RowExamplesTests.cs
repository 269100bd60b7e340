using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Learning.Adaptation;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;

namespace MetaMap.Learning.Tests.Adaptation;

/// <summary>Rows and ratings of one's own, found by name: predicted as the evaluation predicts the same examples.</summary>
public sealed class RowExamplesTests : IDisposable
{
    private const int Tasks = 12;
    private const int Rows = 8;

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("alpaca")]
    [InlineData("maml")]
    [InlineData("cavia")]
    [InlineData("feature-offset")]
    public void Adapt_RowsOfATask_PredictsAsTheEvaluationDoes(string algorithm)
    {
        var rows = (from task in Enumerable.Range(0, Tasks) from row in Enumerable.Range(0, Rows) select (Task: $"t{task:00}", X: (row * 5 + task) % 9, Kind: row % 2 == 0 ? "red" : "blue", Y: 40 + 3 * task + row * row % 7)).ToArray();
        string file = Write("all.csv", ["task,x,kind,y", .. rows.Select(row => $"{row.Task},{row.X},{row.Kind},{row.Y}")]);
        var own = rows.Where(row => row.Task == "t07").ToArray();
        // In another order of columns, and to be predicted without the answers.
        string support = Write("support.csv", ["y,kind,x", .. own.Take(4).Select(row => $"{row.Y},{row.Kind},{row.X}")]);
        string query = Write("query.csv", ["kind,x", .. own.Skip(4).Select(row => $"{row.Kind},{row.X}")]);
        AssertAsEvaluated(Options(algorithm, ("dataset", "csv"), ("task_column", "task"), ("target_column", "y"), ("model", "mlp"), ("hidden", "8")), file, support, query, [.. own.Skip(4).Select(row => (double)row.Y)]);
    }

    [Theory]
    [InlineData("alpaca")]
    [InlineData("maml")]
    public void Adapt_RatingsOfAUser_PredictsAsTheEvaluationDoes(string algorithm)
    {
        var rows = (from user in Enumerable.Range(0, Tasks) from i in Enumerable.Range(0, Rows) select (User: $"t{user:00}", Item: $"item{(i * 3 + user) % 11}", Rating: 1 + (i * 2 + user) % 5)).ToArray();
        string file = Write("all.csv", ["user,item,rating", .. rows.Select(row => $"{row.User},{row.Item},{row.Rating}")]);
        var own = rows.Where(row => row.User == "t07").ToArray();
        string support = Write("support.csv", ["rating,item", .. own.Take(4).Select(row => $"{row.Rating},{row.Item}")]);
        string query = Write("query.txt", [.. own.Skip(4).Select(row => row.Item)]);
        AssertAsEvaluated(Options(algorithm, ("dataset", "ratings")), file, support, query, [.. own.Skip(4).Select(row => (double)row.Rating)]);
    }

    [Fact]
    public void Read_OneRowOfNamedCells_IsAsALineOfAFile()
    {
        string file = Write("all.csv", ["task,x,kind,y", .. Enumerable.Range(0, 40).Select(i => $"t{i % 5},{i},{(i % 3 == 0 ? "red" : "blue")},{i * 2}")]);
        RunOptions options = Options("alpaca", ("dataset", "csv"), ("task_column", "task"), ("target_column", "y"), ("model", "mlp"), ("shots", 2), ("queries", 2));
        ModelFile model = First(options, options.OpenDataset(file));
        IExampleReader reader = options.ExampleReader(model.Shape.Input, model.Data);
        GivenExample line = reader.Read(Write("one.csv", ["kind,y,x", "red,7,2.5"])).Examples[0];
        ImmutableDictionary<string, string> fields = new Dictionary<string, string> { ["x"] = "2.5", ["kind"] = "red", ["y"] = "7" }.ToImmutableDictionary();
        GivenExample cells = reader.Read("mine", null, new ExampleContent.Row(fields));
        Assert.Equal(line.Input, cells.Input);
        Assert.Equal([7f], cells.Values);
        Assert.Equal("mine", cells.Name);
        Assert.Empty(reader.Read("mine", null, new ExampleContent.Row(fields.Remove("y"))).Values);
        Assert.Contains("mine has no key kind, only", Assert.Throws<DataException>(() => reader.Read("mine", null, new ExampleContent.Row(fields.Remove("kind").Remove("y")))).Message, StringComparison.Ordinal);
        Assert.Contains("expected a finite number", Assert.Throws<DataException>(() => reader.Read("mine", null, new ExampleContent.Row(fields.SetItem("x", "many")))).Message, StringComparison.Ordinal);
        Assert.Contains("is no row", Assert.Throws<DataException>(() => reader.Read("mine", null, new ExampleContent.Text("red"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ItemsThatTheModelDoesNotKnow_ShareOneToken()
    {
        string file = Write("all.csv", ["user,item,rating", .. Enumerable.Range(0, 60).Select(i => $"u{i % 6},item{i % 4},{1 + i % 5}")]);
        RunOptions options = Options("alpaca", ("dataset", "ratings"), ("shots", 2), ("queries", 2));
        ModelFile model = First(options, options.OpenDataset(file));
        GivenExamples read = options.ExampleReader(model.Shape.Input, model.Data).Read(Write("query.txt", ["item2", "nobody's", "another"]));
        Assert.Equal([3f, 0f, 0f], read.Examples.Select(example => example.Input[0]));
        Assert.Contains(read.Notices, notice => notice.Contains("does not know nobody's, another (2)", StringComparison.Ordinal));
    }

    private static void AssertAsEvaluated(RunOptions options, string file, string support, string query, double[] answers)
    {
        IEpisodeDataset dataset = options.OpenDataset(file);
        ModelFile model = First(options, dataset);
        IExampleReader reader = options.ExampleReader(model.Shape.Input, model.Data);
        SupportSet examples = SupportSet.Of(model.Shape, model.Data!.Scales, reader.Read(support).Examples, support);
        AdaptedFile adapted = ModelAdapter.Adapt(model, examples.Examples, examples.Labels);
        using Predictor predictor = new(AdaptedFile.FromSafetensors(SafetensorsReader.Read(adapted.ToSafetensors(), "test"), "test"));
        double[] predicted = [.. predictor.Predict(SupportSet.InputsOf(model.Shape, model.Data.Scales, reader.Read(query).Examples)).Select(values => (double)values[0])];

        using EpisodeLearner learner = EpisodeLearner.Create(options, dataset);
        int task = dataset.Catalog.Classes.ToList().FindIndex(item => item.Name == "t07");
        Episode episode = new(0, [new EpisodeClass(task, 0, [0, 1, 2, 3], [4, 5, 6, 7])]);
        double measured = learner.Evaluate(model.Parameters, episode, options.EvalInnerSteps).Last.InductiveQueryLoss;
        Assert.Equal(measured, predicted.Zip(answers).Average(pair => Math.Pow(pair.First - pair.Second, 2)), 1e-4 * (1 + measured));
    }

    private static ModelFile First(RunOptions options, IEpisodeDataset dataset)
    {
        MetaTraining training = new("run", options, dataset.Catalog);
        return ModelFile.Of("run", options, training.Shape, training.Data, training.Begin(dataset), isFinal: false);
    }

    private static RunOptions Options(string algorithm, params (string, object?)[] given) =>
        OptionValues.Of([("algorithm", algorithm), ("shots", 4), ("queries", 4), ("batching", "off"), .. given]).Resolve();

    private string Write(string name, string[] lines)
    {
        File.WriteAllLines(_folder[name], lines);
        return _folder[name];
    }
}
