using System.Collections.Immutable;
using CsCheck;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Data.Glyphs;

namespace MetaMap.Core.Tests.Configuration;

public sealed class RunPartsTests
{
    private static readonly Gen<RunOptions> _anyRun = Gen.Select(
        Of("glyphs", "omniglot"), Of("maml", "fomaml"), Of(null, "conv4", "cnn"),
        Of(null, "adam", "adamw", "sgd"), Of(null, "sgd", "momentum", "adam"), Gen.Int[2, 9].Nullable(),
        (dataset, algorithm, model, metaOptimizer, innerOptimizer, ways) => new RunOptions
        {
            Dataset = dataset!, Algorithm = algorithm!, Model = model, MetaOptimizer = metaOptimizer, InnerOptimizer = innerOptimizer, Ways = ways,
        });

    static RunPartsTests() => DatasetRegistry.All.Add(new OpinionatedDataset());

    [Fact]
    public void Resolve_AnyRun_IsAFixedPointAndSurvivesJson() => _anyRun.Sample(options =>
    {
        RunOptions resolved = options.Resolve();
        Assert.Equal(resolved, resolved.Resolve());
        Assert.Equal(resolved, RunOptionsJson.Read(RunOptionsJson.Write(resolved), "test"));
        Assert.Equal(options.Ways ?? 5, resolved.Ways);
    });

    [Fact]
    public void Resolve_LeftOpen_GetsTheDefaultsOfWhatReadsIt()
    {
        RunOptions resolved = new RunOptions { InnerOptimizer = "momentum", MetaOptimizer = "adamw" }.Resolve();
        Assert.Equal(("seeded", 5, "conv4-stride", 64), (resolved.Split, resolved.Ways, resolved.Model, resolved.Filters));
        Assert.Equal((1.0, 0.9, 0.003, 0.01), (resolved.InnerLr, resolved.InnerMomentum, resolved.MetaLr, resolved.WeightDecay));
        Assert.Null(resolved.MetaMomentum);
        Assert.Null(resolved.Hidden);
        Assert.Null(resolved.InnerClip);
    }

    [Fact]
    public void Resolve_DatasetAndAlgorithmDisagree_TheDatasetGoesFirst()
    {
        RunOptions resolved = new RunOptions { Dataset = OpinionatedDataset.Key }.Resolve();
        Assert.Equal(("cnn", 0.25, 0.003), (resolved.Model, resolved.InnerLr, resolved.MetaLr));
        Assert.Equal(0.5, new RunOptions { Dataset = OpinionatedDataset.Key, InnerLr = 0.5 }.Resolve().InnerLr);
        Assert.Equal("conv4", new RunOptions { Dataset = OpinionatedDataset.Key, Model = "conv4" }.Resolve().Model);
    }

    [Fact]
    public void Resolve_AdviceThatNothingReads_IsLeftOut() => Assert.Null(new RunOptions { Dataset = OpinionatedDataset.Key }.Resolve().Hidden);

    [Theory]
    [MemberData(nameof(InVain))]
    public void Resolve_OptionThatNothingReads_IsRefusedInOneSentence(string sentence, RunOptions options) =>
        Assert.Equal(sentence, Assert.Throws<ConfigurationException>(options.Resolve).Message);

    public static TheoryData<string, RunOptions> InVain { get; } = new()
    {
        { "--hidden is given, but none of glyphs, maml, conv4-stride, adam, sgd, mean reads it; leave it out.", new RunOptions { Hidden = "40" } },
        { "--filters is given, but none of glyphs, maml, cnn, adam, sgd, mean reads it; leave it out.", new RunOptions { Model = "cnn", Filters = 3 } },
        { "--weight-decay is given, but none of glyphs, maml, conv4-stride, adam, sgd, mean reads it; leave it out.", new RunOptions { WeightDecay = 0.1 } },
        { "--inner-momentum is given, but none of glyphs, maml, conv4-stride, adam, sgd, mean reads it; leave it out.", new RunOptions { InnerMomentum = 0.1 } },
        { "--recompute is given, but none of glyphs, fomaml, conv4-stride, adam, sgd, mean reads it; leave it out.", new RunOptions { Algorithm = "fomaml", Recompute = false } },
        { "--inner-optimizer is given, but none of glyphs, meta-sgd, conv4-stride, adam, mean reads it; leave it out.", new RunOptions { Algorithm = "meta-sgd", InnerOptimizer = "sgd" } },
    };

    [Fact]
    public void Add_NameThatIsTaken_IsRefused() => Assert.Equal(
        "There are two datasets with the name 'glyphs'; rename that of the plug-in.",
        Assert.Throws<ConfigurationException>(() => DatasetRegistry.All.Add(new GlyphDefinition())).Message);

    private static Gen<string?> Of(params string?[] names) => Gen.Int[0, names.Length - 1].Select(i => names[i]);

    private sealed class OpinionatedDataset : IDatasetDefinition
    {
        public const string Key = "opinionated-dataset-of-tests";

        public string Name => Key;

        public string Summary => "one with advice";

        public bool NeedsFolder => false;

        public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.Split), nameof(RunOptions.Ways)];

        public RunOptions Defaults { get; } = new() { Split = "seeded", Ways = 5, Model = "cnn", InnerLr = 0.25, Hidden = "40" };

        public IEpisodeDataset Open(RunOptions options, string? data) => new GlyphDataset();
    }
}
