using System.ComponentModel;
using System.Text.Json.Nodes;
using CsCheck;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Data.Glyphs;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Optimization;

namespace MetaMap.Training.Tests.Configuration;

public sealed class RunOptionsResolverTests
{
    private static readonly Gen<OptionValues> _anyRun = Gen.Select(
        Of("glyphs", "omniglot"), Of("maml", "fomaml"), Of(null, "conv4", "cnn"),
        Of(null, "adam", "adamw", "sgd"), Of(null, "sgd", "momentum", "adam"), Gen.Int[2, 9].Nullable(),
        (dataset, algorithm, model, metaOptimizer, innerOptimizer, ways) => OptionValues.Of(("dataset", dataset!), ("algorithm", algorithm!), ("model", model), ("meta_optimizer", metaOptimizer), ("inner_optimizer", innerOptimizer), ("ways", ways)));

    static RunOptionsResolverTests() => PartRegistry.Datasets.Add(new OpinionatedDataset());

    [Fact]
    public void Resolve_AnyRun_IsAFixedPointAndSurvivesJson() => _anyRun.Repeatable().Sample(options =>
    {
        RunOptions resolved = options.Resolve();
        Assert.Equal(resolved, resolved.With());
        Assert.Equal(resolved, RunOptionsJson.Read(RunOptionsJson.Write(resolved), "test"));
        Assert.Equal(options["ways"]?.GetValue<int>() ?? 5, resolved.EpisodeShape.Ways);
    });

    [Fact]
    public void Resolve_LeftOpen_GetsTheDefaultsOfWhatReadsIt()
    {
        RunOptions resolved = OptionValues.Of(("inner_optimizer", "momentum"), ("meta_optimizer", "adamw")).Resolve();
        Assert.Equal(("seeded", 5, "conv4-stride", 64), (resolved.Split, resolved.EpisodeShape.Ways, resolved.Model, resolved.Of<Conv4Options>().Filters));
        Assert.Equal((1.0, 0.9, 0.003, 0.01), (resolved.Of<InnerLoopOptions>().InnerLr, resolved.Of<MomentumOptions>().InnerMomentum, resolved.MetaLr, resolved.Of<AdamWOptions>().WeightDecay));
        Assert.Null(resolved.Find<SgdOptions>());
        Assert.Null(resolved.Find<MlpOptions>());
        Assert.Null(resolved.Of<InnerLoopOptions>().InnerClip);
    }

    [Fact]
    public void Resolve_DatasetAndAlgorithmDisagree_TheDatasetGoesFirst()
    {
        RunOptions resolved = OptionValues.Of(("dataset", OpinionatedDataset.Key)).Resolve();
        Assert.Equal(("cnn", 0.25, 0.003), (resolved.Model, resolved.Of<InnerLoopOptions>().InnerLr, resolved.MetaLr));
        Assert.Equal(0.5, OptionValues.Of(("dataset", OpinionatedDataset.Key), ("inner_lr", 0.5)).Resolve().Of<InnerLoopOptions>().InnerLr);
        Assert.Equal("conv4", OptionValues.Of(("dataset", OpinionatedDataset.Key), ("model", "conv4")).Resolve().Model);
    }

    /// <summary>Losses of values have no bound, so their gradients have none: a rate for classes explodes.</summary>
    [Theory]
    [InlineData("csv", "value", 0.03)]
    [InlineData("csv", null, 0.03)]
    [InlineData("csv", "class", 1)]
    [InlineData("ratings", null, 0.03)]
    [InlineData("sinusoid", null, 0.01)]
    public void Resolve_ValuesToPredict_AdaptAtASmallRate(string dataset, string? target, double rate) =>
        Assert.Equal(rate, OptionValues.Of(("dataset", dataset), ("target", target), ("algorithm", "maml")).Resolve().Of<InnerLoopOptions>().InnerLr);

    [Theory]
    [InlineData("csv", "value", null, "alpaca")]
    [InlineData("csv", "class", null, "maml")]
    [InlineData("ratings", null, null, "alpaca")]
    [InlineData("ratings", null, "reptile", "reptile")]
    [InlineData("sinusoid", null, null, "maml")]
    public void Resolve_Algorithm_IsTheGivenOneOrTheDatasets(string dataset, string? target, string? algorithm, string expected) =>
        Assert.Equal(expected, OptionValues.Of(("dataset", dataset), ("target", target), ("algorithm", algorithm)).Resolve().Algorithm);

    [Theory]
    [InlineData("crop")]
    [InlineData("jitter, rotate,flip,crop")]
    public void Resolve_Augmentation_IsKeptAsGiven(string augment) =>
        Assert.Equal(augment, RunOptionsJson.Read(RunOptionsJson.Write(OptionValues.Of(("augment", augment)).Resolve()), "test").Of<ImageOptions>().Augment);

    [Theory]
    [InlineData("mirror")]
    [InlineData("crop,")]
    [InlineData("crop,crop")]
    [InlineData("")]
    public void Resolve_AugmentationThatThereIsNot_SaysWhichThereAre(string augment) => Assert.Equal(
        $"--augment is '{augment}', but it must be some of crop, flip, rotate, jitter, each once, separated by commas.",
        Assert.Throws<ConfigurationException>(() => OptionValues.Of(("augment", augment)).Resolve()).Message);

    [Theory]
    [InlineData("text")]
    [InlineData("ratings")]
    [InlineData("csv")]
    [InlineData("sinusoid")]
    public void Resolve_AugmentationWithoutImages_IsRefused(string dataset) => Assert.StartsWith(
        $"--augment is given, but none of {dataset}, ", Assert.Throws<ConfigurationException>(() => OptionValues.Of(("dataset", dataset), ("augment", "crop")).Resolve()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(null, null, "protonet", "text-ngrams", "characters", "cosine")]
    [InlineData("protonet", "text-cnn", "protonet", "text-cnn", "bytes", "euclidean")]
    [InlineData("maml", "text-cnn", "maml", "text-cnn", "bytes", null)]
    [InlineData("maml", null, "maml", "text-ngrams", "characters", null)]
    public void Resolve_Texts_GetWhatIsBestForThem(string? algorithm, string? model, string chosenAlgorithm, string chosenModel, string tokens, string? distance)
    {
        JsonNode resolved = JsonNode.Parse(RunOptionsJson.Write(OptionValues.Of(("dataset", "text"), ("algorithm", algorithm), ("model", model)).Resolve()))!;
        Assert.Equal(
            (chosenAlgorithm, chosenModel, tokens, distance),
            ((string?)resolved["algorithm"], (string?)resolved["model"], (string?)resolved["text_tokens"], (string?)resolved["distance"]));
    }

    [Theory]
    [InlineData("images", null, null, "protonet", "hog-conv4")]
    [InlineData("images", "maml", null, "maml", "conv4-stride")]
    [InlineData("images", "supervised", null, "supervised", "cnn")]
    [InlineData("omniglot", "protonet", null, "protonet", "conv4-stride")]
    [InlineData("images", null, "conv4", "protonet", "conv4")]
    [InlineData("omniglot", null, null, "maml", "conv4-stride")] // drawn characters do without histograms
    public void Resolve_Images_GetWhatIsBestForThem(string dataset, string? algorithm, string? model, string chosenAlgorithm, string chosenModel)
    {
        RunOptions resolved = OptionValues.Of(("dataset", dataset), ("algorithm", algorithm), ("model", model)).Resolve();
        Assert.Equal((chosenAlgorithm, chosenModel), (resolved.Algorithm, resolved.Model));
    }

    [Fact]
    public void Resolve_AdviceThatNothingReads_IsLeftOut() => Assert.DoesNotContain(
        "hidden", RunOptionsJson.Write(OptionValues.Of(("dataset", OpinionatedDataset.Key)).Resolve()), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(InVain))]
    public void Resolve_OptionThatNothingReads_IsRefusedInOneSentence(string sentence, OptionValues options) =>
        Assert.Equal(sentence, Assert.Throws<ConfigurationException>(() => options.Resolve()).Message);

    public static TheoryData<string, OptionValues> InVain { get; } = new()
    {
        { "--hidden is given, but none of glyphs, maml, conv4-stride, adam, sgd, mean reads it; leave it out.", OptionValues.Of(("hidden", "40")) },
        { "--filters is given, but none of glyphs, maml, cnn, adam, sgd, mean reads it; leave it out.", OptionValues.Of(("model", "cnn"), ("filters", 3)) },
        { "--weight-decay is given, but none of glyphs, maml, conv4-stride, adam, sgd, mean reads it; leave it out.", OptionValues.Of(("weight_decay", 0.1)) },
        { "--inner-momentum is given, but none of glyphs, maml, conv4-stride, adam, sgd, mean reads it; leave it out.", OptionValues.Of(("inner_momentum", 0.1)) },
        { "--recompute is given, but none of glyphs, fomaml, conv4-stride, adam, sgd, mean reads it; leave it out.", OptionValues.Of(("algorithm", "fomaml"), ("recompute", false)) },
        { "--inner-optimizer is given, but none of glyphs, meta-sgd, conv4-stride, adam, mean reads it; leave it out.", OptionValues.Of(("algorithm", "meta-sgd"), ("inner_optimizer", "sgd")) },
    };

    [Fact]
    public void Add_NameThatIsTaken_IsRefused() => Assert.Equal(
        "There are two datasets with the name 'glyphs'; rename that of the plug-in.",
        Assert.Throws<ConfigurationException>(() => PartRegistry.Datasets.Add(new GlyphDefinition())).Message);

    [Theory]
    [MemberData(nameof(UnusableOptions))]
    public void Add_OptionThatCannotBe_IsRefused(string sentence, object options) =>
        Assert.Equal(sentence, Assert.Throws<ConfigurationException>(() => PartRegistry.Add(new DatasetWith(options))).Message);

    public static TheoryData<string, object> UnusableOptions { get; } = new()
    {
        { "dataset-of-tests has an option --seed of type Int64, which every run has; rename it.", new OptionOfEveryRun() },
        { "dataset-of-tests has an option --hidden of type Int32, but there is one of type String; rename it.", new OptionOfAnotherType() },
        { "dataset-of-tests has an option --since of type DateTime, but options are of Int32, Int64, Double, Boolean, String.", new OptionOfNoType() },
    };

    private static Gen<string?> Of(params string?[] names) => Gen.Int[0, names.Length - 1].Select(i => names[i]);

    private sealed record OptionOfEveryRun : DatasetOptions
    {
        [Description("Of every run.")]
        public long Seed { get; init; }
    }

    private sealed record OptionOfAnotherType : DatasetOptions
    {
        [Description("A text elsewhere.")]
        public int Hidden { get; init; }
    }

    private sealed record OptionOfNoType : DatasetOptions
    {
        [Description("A date.")]
        public DateTime Since { get; init; }
    }

    private sealed class DatasetWith(object options) : IDatasetDefinition
    {
        public string Name => "dataset-of-tests";

        public string Summary => "one with options that cannot be";

        public bool NeedsFolder => false;

        public object Options => options;

        public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => new GlyphDataset();
    }

    private sealed class OpinionatedDataset : IDatasetDefinition
    {
        public const string Key = "opinionated-dataset-of-tests";

        public string Name => Key;

        public string Summary => "one with advice";

        public bool NeedsFolder => false;

        public object Options { get; } = new ClassificationOptions();

        public IReadOnlyDictionary<string, object> Advice { get; } =
            new Dictionary<string, object> { ["model"] = "cnn", ["inner_lr"] = 0.25, ["hidden"] = "40" };

        public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => new GlyphDataset();
    }
}
