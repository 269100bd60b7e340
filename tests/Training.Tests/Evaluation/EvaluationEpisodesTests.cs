using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;

namespace MetaMap.Training.Tests.Evaluation;

public class EvaluationEpisodesTests
{
    private static readonly DatasetCatalog _own = TinyRun.Catalog;
    private static readonly ClassSplit _split = ClassSplitter.Split(_own, TinyRun.Options.Split, TinyRun.Options.Seed);
    private static readonly TrainingData _model = Named(_own);
    private static readonly DatasetCatalog _other = _own with
    {
        Digest = new string('e', 64), Classes = [.. _own.Classes.Take(30), .. Enumerable.Range(0, 4).Select(i => new DatasetClass($"new {i}", 6))],
    };

    [Theory]
    [InlineData("test", SplitPart.Test)]
    [InlineData("validation", SplitPart.Validation)]
    [InlineData("train", SplitPart.Train)]
    public void Of_ItsOwnData_DrawsWhatTrainingWouldDraw(string part, SplitPart named)
    {
        var drawn = EvaluationEpisodes.Of(TinyRun.Options, _model, _own, part);
        Assert.Equal(EpisodeSampler.For(TinyRun.Options, _own).Sample(named, 0, 3), drawn[3]);
        Assert.Equal((part, null), (drawn.Name, drawn.Notice));
        Assert.Equal(_split.Train.AsEnumerable(), drawn.TrainingClasses);
        Assert.Equal(drawn[3], EvaluationEpisodes.Of(TinyRun.Options, null, _own, part)[3]);
    }

    [Fact]
    public void Of_AllOfItsOwnData_DrawsNoTrainingClass()
    {
        Assert.Equal(_split.Validation.Concat(_split.Test).Order(), ClassesOf(EvaluationEpisodes.Of(TinyRun.Options, _model, _own, "all")).Order());
        Assert.Equal(_split.Test.Order(), ClassesOf(EvaluationEpisodes.Of(TinyRun.Options with { ValidationInterval = 5 }, _model, _own, "all")).Order());
    }

    [Theory]
    [InlineData("test", 0)]
    [InlineData("all", 0)]
    [InlineData("all", 5)]
    public void Of_OtherData_DrawsOnlyWhatTheModelNeverSaw(string part, int interval)
    {
        var episodes = EvaluationEpisodes.Of(TinyRun.Options with { ValidationInterval = interval }, _model, _other, part);
        ImmutableArray<int> seen = [.. (interval > 0 ? _split.Train.Concat(_split.Validation) : _split.Train).Where(index => index < 30)];
        Assert.Equal(Enumerable.Range(0, 34).Except(seen), ClassesOf(episodes).Order());
        Assert.Equal(_split.Train.Where(index => index < 30), episodes.TrainingClasses);
        Assert.EndsWith(
            $"the data here is eeeeeeee: {34 - seen.Length} of its 34 classes are evaluated, {seen.Length} were trained on or chose the model's version and are left out", episodes.Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_DataOfNewClassesOnly_TakesThemAll()
    {
        DatasetCatalog users = _other with { Classes = [.. _other.Classes[30..]] };
        var episodes = EvaluationEpisodes.Of(TinyRun.Options, _model, users, "test");
        Assert.Equal([0, 1, 2, 3], ClassesOf(episodes).Order());
        Assert.Empty(episodes.TrainingClasses);
        Assert.EndsWith(": none of its 4 classes has the name of one that was trained on or chose the model's version", episodes.Notice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("validation")]
    public void Of_PartOfTheModelInOtherData_IsRefused(string part) => Assert.Contains(
        $"so it has no {part} classes of the model: give the model's own data, or --part all",
        Assert.Throws<DataException>(() => EvaluationEpisodes.Of(TinyRun.Options, _model, _other, part)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_OtherDataThatWasAllTrainedOn_IsRefused()
    {
        DatasetCatalog trained = _own with { Digest = new string('e', 64), Classes = [.. _split.Train.Select(index => _own.Classes[index])] };
        Assert.Contains("0 of its 36 classes are evaluated, 36 were trained on or chose the model's version and are left out, 2 ways need at least 2: add classes", Assert.Throws<DataException>(() => EvaluationEpisodes.Of(TinyRun.Options, _model, trained, "all")).Message, StringComparison.Ordinal);
    }

    /// <summary>Files of older versions say of their inputs only a digest.</summary>
    [Fact]
    public void Of_ModelWithoutNamesOfInputs_IsRefusedUnlessTheInputsAreTheSame()
    {
        InputNames inputs = InputNames.OfColumns([new("age", [], true), new("sex", ["F", "M"], false)]);
        DatasetCatalog table = _other with { Inputs = inputs };
        TrainingData older = _model with { InputsDigest = Digests.OfNames(["age", "age is missing", "sex is F", "sex is M"]) };
        Assert.NotNull(EvaluationEpisodes.Of(TinyRun.Options, older, table, "test"));
        Assert.NotNull(EvaluationEpisodes.Of(TinyRun.Options, _model with { Inputs = inputs }, table, "test"));
        foreach (TrainingData other in (TrainingData[])[_model, older with { InputsDigest = Digests.OfNames(["age"]) }])
        {
            Assert.StartsWith(
                "the model's file, of an older version, does not name the columns and words that it was trained on",
                Assert.Throws<DataException>(() => EvaluationEpisodes.Of(TinyRun.Options, other, table, "test")).Message, StringComparison.Ordinal);
        }
    }

    private static TrainingData Named(DatasetCatalog catalog) => new(
        catalog.Digest, Names(_split.Train), Names(_split.Validation), Names(_split.Test));

    private static ImmutableArray<string> Names(ImmutableArray<int> classes) => [.. classes.Select(index => _own.Classes[index].Name)];

    private static HashSet<int> ClassesOf(EvaluationEpisodes episodes) =>
        [.. Enumerable.Range(0, 300).SelectMany(index => episodes[index].Classes.Select(c => c.ClassIndex))];
}
