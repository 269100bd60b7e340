using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Tests.Configuration;

public sealed class RunOptionsTests
{
    public static TheoryData<string, Func<OptionValues, OptionValues>> OutOfRange { get; } = new()
    {
        { "--ways is 1, but it must be 2 or more.", o => o.With(("ways", 1)) },
        { "--ways is 0, but it must be 2 or more.", o => o.With(("ways", 0)) },
        { "--shots is 0, but it must be 1 or more.", o => o.With(("shots", 0)) },
        { "--queries is -1, but it must be 1 or more.", o => o.With(("queries", -1)) },
        { "--filters is 0, but it must be 1 or more.", o => o.With(("filters", 0)) },
        { "--inner-steps is 0, but it must be 1 or more.", o => o.With(("inner_steps", 0)) },
        { "--batching is 0, but it must be auto, off or a whole number from 1.", o => o.With(("batching", "0")) },
        { "--batching is on, but it must be auto, off or a whole number from 1.", o => o.With(("batching", "on")) },
        { "--eval-inner-steps is -1, but it must be 0 or more.", o => o.With(("eval_inner_steps", -1)) },
        { "--eval-inner-steps is 10001, but it must be 10000 or less.", o => o.With(("eval_inner_steps", 10_001)) },
        { "--meta-batch is 0, but it must be 1 or more.", o => o.With(("meta_batch", 0)) },
        { "--meta-batch is 1000001, but it must be 1000000 or less.", o => o.With(("meta_batch", 1_000_001)) },
        { "--validation-episodes is 1000001, but it must be 1000000 or less.", o => o.With(("validation_episodes", 1_000_001)) },
        { "--block is 0, but it must be 1 or more.", o => o.With(("block", 0)) },
        { "--iterations is -1, but it must be 0 or more.", o => o.With(("iterations", -1)) },
        { "--eval-episodes is -1, but it must be 0 or more.", o => o.With(("eval_episodes", -1)) },
        { "--inner-lr is -0.1, but it must be a finite number of 0 or more.", o => o.With(("inner_lr", -0.1)) },
        { "--inner-lr is NaN, but it must be a finite number of 0 or more.", o => o.With(("inner_lr", double.NaN)) },
        { "--meta-lr is 0, but it must be a finite number above 0.", o => o.With(("meta_lr", 0)) },
        { "--meta-lr is Infinity, but it must be a finite number above 0.", o => o.With(("meta_lr", double.PositiveInfinity)) },
        { "--meta-lr-final is -1, but it must be a finite number of 0 or more.", o => o.With(("meta_lr_final", -1)) },
        { "--inner-momentum is 1, but it must be below 1.", o => o.With(("inner_optimizer", "momentum"), ("inner_momentum", 1)) },
        { "--meta-momentum is 1.5, but it must be below 1.", o => o.With(("meta_optimizer", "sgd"), ("meta_momentum", 1.5)) },
        { "--meta-clip is 0, but it must be a finite number above 0.", o => o.With(("meta_clip", 0)) },
        { "--warmup-iterations is -1, but it must be 0 or more.", o => o.With(("warmup_iterations", -1)) },
        { "--patience is 3, but it counts measurements", o => o.With(("patience", 3)) },
        { "There is no algorithm 'magic'; choose one of maml", o => o.With(("algorithm", "magic")) },
        { "There is no model 'resnet'; choose one of conv4-stride", o => o.With(("model", "resnet")) },
        { "There is no meta-optimizer 'lion'; choose one of adam", o => o.With(("meta_optimizer", "lion")) },
        { "--meta-clip is 1E+40, but it must be 3.4E+38 or less, the largest number in float32", o => o.With(("meta_clip", 1e40)) },
        { "--inner-lr is 1E+40, but it must be 3.4E+38 or less, the largest number in float32", o => o.With(("inner_lr", 1e40)) },
        { "--meta-lr is 1E-50, but it must be 1E-45 or more, the smallest number above 0 in float32", o => o.With(("meta_lr", 1e-50)) },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Resolve_OneValueOutOfRange_SaysWhichInOneSentence(string sentence, Func<OptionValues, OptionValues> change) =>
        Assert.StartsWith(sentence, Assert.Throws<ConfigurationException>(() => change(OptionValues.None).Resolve()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("algorithm", "mml", "maml")]
    [InlineData("algorithm", "MAML", "maml")]
    [InlineData("algorithm", "proto", "protonet")]
    [InlineData("algorithm", "reptiles", "reptile")]
    [InlineData("dataset", "omnigolt", "omniglot")]
    [InlineData("model", "conv5", "conv4")]
    [InlineData("model", "resnet-12", "resnet12")]
    [InlineData("meta_optimizer", "adma", "adam")]
    [InlineData("meta_optimizer", "adan", "adam")]
    [InlineData("algorithm", "", null)]
    public void Resolve_NameThatIsNearlyOne_AsksForIt(string key, string name, string? meant)
    {
        string message = Assert.Throws<ConfigurationException>(() => OptionValues.Of((key, name)).Resolve()).Message;
        Assert.EndsWith(meant is null ? "." : $". Did you mean {meant}?", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto", 4)]
    [InlineData("1", 1)]
    [InlineData("3", 3)]
    [InlineData("1000000", 4)]
    public void EpisodesSideBySide_Batching_IsThatOrTheBlock(string batching, int episodes) =>
        Assert.Equal((true, episodes), OptionValues.Of(("batching", batching), ("block", 4)).Resolve() is var run ? (run.IsBatched, run.EpisodesSideBySide) : default);

    [Fact]
    public void Resolve_DefaultsAndSmallestValues_AreAccepted()
    {
        OptionValues.None.Resolve();
        OptionValues.Of(("ways", 2), ("queries", 1), ("filters", 1), ("eval_inner_steps", 0), ("meta_batch", 1), ("block", 1), ("iterations", 1), ("eval_episodes", 0), ("inner_lr", 0), ("meta_lr_final", 0)).Resolve();
    }
}
