using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Testing;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Tests.Loop;

public sealed class StartFromDataTests
{
    private static readonly ParameterEntry _head = TinyRun.Training().Layout.Entries[^1];
    private static readonly IEpisodeDataset _dataset = new Content();

    [Fact]
    public void Begin_PartWithValues_TakesThemAndDrawsTheOthers()
    {
        float[] values = [.. Enumerable.Range(1, _head.Length).Select(i => (float)i)];
        ParameterVector drawn = TinyRun.Training().Begin().Parameters;
        ParameterVector begun = Training(_head.Name, values).Begin(_dataset).Parameters;
        Assert.Equal(values, begun[drawn.Layout.Entries.Length - 1].ToArray());
        Assert.True(drawn.Values[..^_head.Length].SequenceEqual(begun.Values[..^_head.Length]));
    }

    [Fact]
    public void Begin_PartWithValues_SeesTheTrainingClassesAlone()
    {
        TrainingSet? seen = null;
        Training(_head.Name, new float[_head.Length], training => seen = training).Begin(_dataset);
        Assert.Equal(ClassSplitter.Split(TinyRun.Catalog, TinyRun.Options.Split, TinyRun.Options.Seed).Train.AsEnumerable(), seen!.Classes);
    }

    [Theory]
    [InlineData("other", 0, 1f)]
    [InlineData(null, 1, 1f)]
    [InlineData(null, -1, 1f)]
    [InlineData(null, 0, float.NaN)]
    public void Begin_ValuesThatDoNotFit_AreRefused(string? name, int more, float value)
    {
        MetaTraining training = Training(name ?? _head.Name, [.. Enumerable.Repeat(value, _head.Length + more)]);
        Assert.Contains("is no parameter of", Assert.Throws<InvalidOperationException>(() => training.Begin(_dataset)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Begin_WithoutDataset_IsRefusedWhereAPartStartsFromIt() =>
        Assert.Throws<InvalidOperationException>(() => Training(_head.Name, new float[_head.Length]).Begin());

    /// <summary>A start that statistics gave may be better than what training makes of it.</summary>
    [Fact]
    public void IsValidationDue_FirstVersion_OnlyWhereAPartStartsFromData()
    {
        MetaTraining drawn = TinyRun.Training(TinyRun.Options with { ValidationInterval = 2 });
        Assert.False(drawn.IsValidationDue(drawn.Begin()));
        MetaTraining training = Training(_head.Name, new float[_head.Length], null, interval: 2);
        MetaState first = training.Begin(_dataset);
        Assert.True(training.IsValidationDue(first));
        EvaluationResult measured = new(1, 1, new(2, double.NaN), new(0.75, double.NaN), new(3, double.NaN), new(0.5, double.NaN), 1, []);
        (MetaState after, ValidationMetrics metrics) = training.Validated(first, measured);
        Assert.Equal((0, 0, false), (metrics.Iteration, metrics.BestIteration, training.IsValidationDue(after)));
    }

    [Fact]
    public void IsValidationDue_FirstVersionNearABaseline_WithoutData()
    {
        MetaTraining training = TinyRun.Training(TinyRun.Options with
        {
            ValidationInterval = 2, Parts = new ChosenParts([.. TinyRun.Options.Parts, (new NearBaseline(), new NoOptions())]),
        });
        Assert.True(training.IsValidationDue(training.Begin()));
    }

    private static MetaTraining Training(string name, float[] values, Action<TrainingSet>? onAsked = null, int interval = 0) => TinyRun.Training(TinyRun.Options with
    {
        ValidationInterval = interval, Parts = new ChosenParts([.. TinyRun.Options.Parts, (new Start(name, values, onAsked), new NoOptions())]),
    });

    private sealed class NearBaseline : IPart, IStartsNearBaseline
    {
        public string Name => "near-baseline";

        public object Options { get; } = new NoOptions();
    }

    private sealed class Start(string name, float[] values, Action<TrainingSet>? onAsked) : IPart, IStartsFromData
    {
        public string Name => "start";

        public object Options { get; } = new NoOptions();

        public IReadOnlyDictionary<string, float[]> FirstValues(RunOptions options, TrainingSet training)
        {
            onAsked?.Invoke(training);
            return new Dictionary<string, float[]> { [name] = values };
        }
    }

    private sealed class Content : IEpisodeDataset
    {
        public DatasetCatalog Catalog => TinyRun.Catalog;

        public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination) => destination.Clear();
    }
}
