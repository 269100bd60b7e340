using MetaMap.Core.Algorithms;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Tests.Algorithms;

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
        RunOptions options = new RunOptions { Algorithm = algorithm }.Resolve();
        Assert.Equal(
            (1.0, 1, evalInnerSteps, innerOptimizer, "adam", 0.003),
            (options.InnerLr, options.InnerSteps, options.EvalInnerSteps, options.InnerOptimizer, options.MetaOptimizer, options.MetaLr));
    }

    private static ParameterSchema Schema(string algorithm) => ParameterSchema.For(
        new RunOptions { Algorithm = algorithm, InnerLr = 0.25 }.Resolve(), new TaskShape(new ImageShape(1, 28, 28), 0, 900));
}
