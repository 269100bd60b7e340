using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Inner;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Tests.Configuration;

public sealed class MamlFamilyTests
{
    [Fact]
    public void For_MetaSgd_HasARateOfTheShapeOfEveryWeightAfterThem()
    {
        ParameterSchema maml = Schema("maml");
        ParameterSchema metaSgd = Schema("meta-sgd");
        int weights = maml.Definitions.Length;
        Assert.Equal(maml.Layout.Entries, metaSgd.Layout.Entries.Take(weights));
        Assert.Equal(maml.Layout.Entries.Select(entry => entry with { Name = $"rate.{entry.Name}" }), metaSgd.Layout.Entries.Skip(weights));
        Assert.All(metaSgd.Definitions.Skip(weights), rate => Assert.Equal(ParameterRole.Rule, rate.Role));
    }

    [Theory]
    [InlineData("fomaml")]
    [InlineData("anil")]
    [InlineData("boil")]
    public void For_ConstantRate_LearnsTheWeightsAlone(string algorithm) =>
        Assert.Equal(Schema("maml").Layout.Entries.AsEnumerable(), Schema(algorithm).Layout.Entries);

    [Theory]
    [InlineData("maml", 3, "sgd")]
    [InlineData("fomaml", 3, "sgd")]
    [InlineData("anil", 3, "sgd")]
    [InlineData("boil", 3, "sgd")]
    [InlineData("meta-sgd", 1, null)]
    public void Resolve_NothingGiven_TakesTheDefaults(string algorithm, int evalInnerSteps, string? innerOptimizer)
    {
        RunOptions options = OptionValues.Of(("algorithm", algorithm)).Resolve();
        InnerLoopOptions inner = options.Of<InnerLoopOptions>();
        Assert.Equal(
            (1.0, 1, evalInnerSteps, innerOptimizer, "adam", 0.003),
            (inner.InnerLr, inner.InnerSteps, inner.EvalInnerSteps, options.Find<OptimizedInnerLoopOptions>()?.InnerOptimizer, options.MetaOptimizer, options.MetaLr));
    }

    private static ParameterSchema Schema(string algorithm) => new TaskShape(new ImageShape(1, 28, 28), 0, 900).Schema(OptionValues.Of(("algorithm", algorithm), ("inner_lr", 0.25)).Resolve());
}
