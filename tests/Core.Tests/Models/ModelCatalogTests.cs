using MetaMap.Core.Data;
using MetaMap.Core.Models;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Tests.Models;

public sealed class ModelCatalogTests
{
    private static readonly ImageShape _omniglot = new(1, 28, 28);

    [Theory]
    [InlineData("conv4", 5, 112_261)]
    [InlineData("conv4", 20, 113_236)]
    [InlineData("conv4-stride", 5, 112_261)]
    [InlineData("cnn", 5, 320 + 200_832 + 645)]
    public void Layout_Published_HasTheParameterCount(string name, int ways, int count) =>
        Assert.Equal(count, ModelCatalog.Schema(new ModelSpec(name, _omniglot, ways, 64)).Layout.Length);

    public static TheoryData<string> Names => [.. ModelCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Initialize_SameSeed_IsAPureFunctionOfIt(string name)
    {
        ParameterSchema schema = ModelCatalog.Schema(Spec(name));
        Assert.Equal(schema.Initialize(1), schema.Initialize(1));
        Assert.NotEqual(schema.Initialize(1), schema.Initialize(2));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_OfEachModel_AreTheBodysThenTheHeads(string name)
    {
        ParameterRole[] roles = [.. ModelCatalog.Parameters(Spec(name)).Select(parameter => parameter.Role)];
        Assert.Equal(roles.Order(), roles);
        Assert.Equal([ParameterRole.Body, ParameterRole.Head], roles.Distinct());
        Assert.Equal(2, roles.Count(role => role == ParameterRole.Head));
    }

    [Theory]
    [InlineData(3, 7_996_800)]
    [InlineData(1, 7_996_800 - 2 * 64 * 9 - 2 * 64)]
    public void Layout_ResNet12_HasThePublishedEightMillionWeightsInItsBody(int channels, int count)
    {
        ParameterSchema schema = ModelCatalog.Schema(new ModelSpec(ModelCatalog.ResNet12, new ImageShape(channels, 84, 84), 5, 64));
        Assert.Equal(count, schema.Definitions.Where(parameter => parameter.Role == ParameterRole.Body).Sum(parameter => parameter.Entry.Length));
        Assert.Equal(count + 5 * 512 + 5, schema.Layout.Length);
    }

    [Theory]
    [InlineData("mlp", 80 + 1640 + 41)]
    [InlineData("ratings-mlp", 50 * 32 + 32 * 40 + 40 + 1640 + 41)]
    [InlineData("text-cnn", 50 * 32 + 16 * 32 * (3 + 4 + 5) + 48 + 49)]
    public void Layout_ForOneValue_HasTheParameterCount(string name, int count) =>
        Assert.Equal(count, ModelCatalog.Schema(Spec(name) with { Outputs = 1 }).Layout.Length);

    /// <summary>Pins the first parameters: a change of these bits changes every trained model.</summary>
    [Fact]
    public void Initialize_Seed1_HasTheGoldenBits() => Assert.Equal(
        "f4ea21e15eccab41385b982ee0a56d3bb430e317d5af45defab44c84f74784c7", ModelCatalog.Schema(new ModelSpec(ModelCatalog.Conv4Stride, _omniglot, 5, 64)).Initialize(1).Sha256);

    [Fact]
    public void Initialize_EachKindOfTensor_HasItsDistribution()
    {
        ParameterVector theta = ModelCatalog.Schema(new ModelSpec(ModelCatalog.Conv4, _omniglot, 5, 64)).Initialize(3);
        for (int i = 0; i < theta.Layout.Entries.Length; i++)
        {
            ParameterEntry entry = theta.Layout.Entries[i];
            float[] values = theta[i].ToArray();
            double bound = entry.Shape.Length == 4 ? Math.Sqrt(6.0 / ((entry.Shape[0] + entry.Shape[1]) * 9)) : 0;
            switch (entry.Name.Split('.'))
            {
                case [_, "bias"]:
                    Assert.All(values, value => Assert.Equal(0, value));
                    break;
                case ["head", _]:
                    Assert.InRange(Math.Sqrt(values.Average(value => value * value)), 0.008, 0.012);
                    break;
                case [['n', ..], _]:
                    Assert.All(values, value => Assert.Equal(1, value));
                    break;
                default:
                    Assert.All(values, value => Assert.InRange(value, -bound, bound));
                    Assert.InRange(values.Max(), 0.9 * bound, bound);
                    Assert.InRange(values.Average(), -0.1 * bound, 0.1 * bound);
                    break;
            }
        }
    }

    [Theory]
    [InlineData("conv4", 15, 64, "needs at least 16x16 pixels, but the images are 1x15x15")]
    [InlineData("cnn", 2, 64, "needs images of at least 3x3 pixels")]
    [InlineData("resnet", 28, 64, "There is no model 'resnet'; choose one of conv4-stride, conv4, cnn")]
    [InlineData("conv4", 28, 20_000, "20000 filters and 5 ways has more parameters than a vector can hold")]
    [InlineData("conv4-stride", 28, int.MaxValue, "more parameters than a vector can hold")]
    public void Layout_ThatCannotBe_IsRefused(string name, int side, int filters, string reason) => Assert.Contains(
        reason, Assert.Throws<ConfigurationException>(() => ModelCatalog.Schema(new ModelSpec(name, new ImageShape(1, side, side), 5, filters))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("mlp", "tokens 8 of 50", "40", "Model mlp reads vectors or images, but the inputs are tokens 8 of 50; use text-cnn or ratings-mlp.")]
    [InlineData("text-cnn", "1x28x28", "", "Model text-cnn reads tokens, but the inputs are 1x28x28")]
    [InlineData("text-cnn", "tokens 4 of 50", "", "needs texts of at least as many")]
    [InlineData("ratings-mlp", "vector 4", "40", "Model ratings-mlp reads tokens, but the inputs are vector 4")]
    [InlineData("ratings-mlp", "tokens 2 of 50", "40", "reads the number of one item, but the inputs are tokens 2 of 50")]
    [InlineData("resnet12", "3x15x84", "", "needs at least 16x16 pixels, but the images are 3x15x84")]
    [InlineData("resnet12", "vector 4", "", "Model resnet12 reads images, but the inputs are vector 4")]
    [InlineData("mlp", "vector 4", "", "--hidden is '', but model mlp needs the widths")]
    [InlineData("mlp", "vector 4", "40,", "--hidden is '40,'")]
    [InlineData("mlp", "vector 4", "40,x", "--hidden is '40,x'")]
    [InlineData("mlp", "vector 4", "0", "--hidden is '0'")]
    [InlineData("mlp", "vector 4", "2000000000", "Model mlp with hidden layers of 2000000000 and 5 ways has more parameters than a vector can hold")]
    [InlineData("mlp", "vector 4", "99999999999", "--hidden is '99999999999'")]
    public void Parameters_ThatDoNotFitTheInput_AreRefused(string name, string input, string hidden, string reason)
    {
        Assert.True(InputShape.TryParse(input, out InputShape shape));
        ModelSpec spec = new(name, shape, 5, 16) { Hidden = hidden, EmbeddingSize = 32 };
        Assert.Contains(reason, Assert.Throws<ConfigurationException>(() => ModelCatalog.Schema(spec)).Message, StringComparison.Ordinal);
    }

    private static ModelSpec Spec(string name) => new(
        name,
        name switch
        {
            ModelCatalog.TextCnn => InputShape.Tokens(12, 50),
            ModelCatalog.RatingsMlp => InputShape.Tokens(1, 50),
            ModelCatalog.Mlp => InputShape.Vector(1),
            _ => _omniglot,
        },
        5, 16)
    {
        Hidden = "40,40", EmbeddingSize = 32,
    };
}
