using MetaMap.Core.Configuration;

namespace MetaMap.Core.Tests.Configuration;

public sealed class RunOptionsTests
{
    public static TheoryData<string, Func<RunOptions, RunOptions>> OutOfRange { get; } = new()
    {
        { "--ways is 1, but it must be 2 or more.", o => o with { Ways = 1 } },
        { "--ways is 0, but it must be 2 or more.", o => o with { Ways = 0 } },
        { "--shots is 0, but it must be 1 or more.", o => o with { Shots = 0 } },
        { "--queries is -1, but it must be 1 or more.", o => o with { Queries = -1 } },
        { "--filters is 0, but it must be 1 or more.", o => o with { Filters = 0 } },
        { "--inner-steps is 0, but it must be 1 or more.", o => o with { InnerSteps = 0 } },
        { "--eval-inner-steps is -1, but it must be 0 or more.", o => o with { EvalInnerSteps = -1 } },
        { "--meta-batch is 0, but it must be 1 or more.", o => o with { MetaBatch = 0 } },
        { "--meta-batch is 1000001, but it must be 1000000 or less.", o => o with { MetaBatch = 1_000_001 } },
        { "--block is 0, but it must be 1 or more.", o => o with { Block = 0 } },
        { "--iterations is 0, but it must be 1 or more.", o => o with { Iterations = 0 } },
        { "--eval-episodes is -1, but it must be 0 or more.", o => o with { EvalEpisodes = -1 } },
        { "--inner-lr is -0.1, but it must be a finite number of 0 or more.", o => o with { InnerLr = -0.1 } },
        { "--inner-lr is NaN, but it must be a finite number of 0 or more.", o => o with { InnerLr = double.NaN } },
        { "--meta-lr is 0, but it must be a finite number above 0.", o => o with { MetaLr = 0 } },
        { "--meta-lr is Infinity, but it must be a finite number above 0.", o => o with { MetaLr = double.PositiveInfinity } },
        { "--meta-lr-final is -1, but it must be a finite number of 0 or more.", o => o with { MetaLrFinal = -1 } },
        { "--inner-momentum is 1, but it must be below 1.", o => o with { InnerOptimizer = "momentum", InnerMomentum = 1 } },
        { "--meta-momentum is 1.5, but it must be below 1.", o => o with { MetaOptimizer = "sgd", MetaMomentum = 1.5 } },
        { "--meta-clip is 0, but it must be a finite number above 0.", o => o with { MetaClip = 0 } },
        { "--warmup-iterations is -1, but it must be 0 or more.", o => o with { WarmupIterations = -1 } },
        { "--patience counts measurements", o => o with { Patience = 3 } },
        { "There is no algorithm 'magic'; choose one of maml", o => o with { Algorithm = "magic" } },
        { "There is no model 'resnet'; choose one of conv4-stride", o => o with { Model = "resnet" } },
        { "There is no meta-optimizer 'lion'; choose one of adam", o => o with { MetaOptimizer = "lion" } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Resolve_OneValueOutOfRange_SaysWhichInOneSentence(string sentence, Func<RunOptions, RunOptions> change) =>
        Assert.StartsWith(sentence, Assert.Throws<ConfigurationException>(() => change(new RunOptions()).Resolve()).Message, StringComparison.Ordinal);

    [Fact]
    public void Resolve_DefaultsAndSmallestValues_AreAccepted()
    {
        new RunOptions().Resolve();
        new RunOptions
        {
            Ways = 2, Queries = 1, Filters = 1, EvalInnerSteps = 0, MetaBatch = 1, Block = 1, Iterations = 1, EvalEpisodes = 0, InnerLr = 0, MetaLrFinal = 0,
        }.Resolve();
    }
}
