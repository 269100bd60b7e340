using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Testing;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Tests.Configuration;

public sealed class ModelLayoutTests
{
    private static readonly ImageShape _omniglot = new(1, 28, 28);

    [Theory]
    [InlineData("conv4", 5, 112_261)]
    [InlineData("conv4", 20, 113_236)]
    [InlineData("conv4-stride", 5, 112_261)]
    [InlineData("cnn", 5, 320 + 200_832 + 645)]
    public void Layout_Published_HasTheParameterCount(string name, int ways, int count) =>
        Assert.Equal(count, Specs.Of(name, _omniglot, ways, 64).Schema().Layout.Length);

    public static TheoryData<string> Names => [.. PartRegistry.Models.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Initialize_SameSeed_IsAPureFunctionOfIt(string name)
    {
        ParameterSchema schema = Spec(name).Schema();
        Assert.Equal(schema.Initialize(1), schema.Initialize(1));
        Assert.NotEqual(schema.Initialize(1), schema.Initialize(2));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_OfEachModel_AreTheBodysThenTheHeads(string name)
    {
        ParameterRole[] roles = [.. Spec(name).Parameters().Select(parameter => parameter.Role)];
        Assert.Equal(roles.Order(), roles);
        Assert.Equal([ParameterRole.Body, ParameterRole.Head], roles.Distinct());
        Assert.Equal(2, roles.Count(role => role == ParameterRole.Head));
    }

    [Theory]
    [InlineData(3, 7_996_800)]
    [InlineData(1, 7_996_800 - 2 * 64 * 9 - 2 * 64)]
    public void Layout_ResNet12_HasThePublishedEightMillionWeightsInItsBody(int channels, int count)
    {
        ParameterSchema schema = Specs.Of("resnet12", new ImageShape(channels, 84, 84), 5, 64).Schema();
        Assert.Equal(count, schema.Definitions.Where(parameter => parameter.Role == ParameterRole.Body).Sum(parameter => parameter.Entry.Length));
        Assert.Equal(count + 5 * 512 + 5, schema.Layout.Length);
    }

    [Theory]
    [InlineData("mlp", 80 + 1640 + 41)]
    [InlineData("ratings-mlp", 50 * 32 + 32 * 40 + 40 + 1640 + 41)]
    [InlineData("text-cnn", 50 * 32 + 16 * 32 * (3 + 4 + 5) + 48 + 49)]
    [InlineData("text-ngrams", 16_384 + 16_384 * 128 + 16_384 + 128 + 1)]
    [InlineData("hog-conv4", 7_248 + 1 + 1764 + 1764 * 128 + 1764 + 128 + 16 + 1)]
    public void Layout_ForOneValue_HasTheParameterCount(string name, int count) =>
        Assert.Equal(count, (Spec(name) with { Outputs = 1 }).Schema().Layout.Length);

    /// <summary>Images that cannot be pooled four times have the same convolutions, with strides.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(15, 84)]
    [InlineData(16, 16)]
    public void Layout_HogConv4_TakesImagesOfEverySize(int height, int width) => Assert.Equal(
        Specs.Of("conv4-stride", new ImageShape(3, height, width), 5, 8).Schema().Layout.Entries[..16].AsEnumerable(),
        Specs.Of("hog-conv4", new ImageShape(3, height, width), 5, 8).Schema().Layout.Entries[..16].AsEnumerable());

    /// <summary>All of Unicode has no row each: characters share them.</summary>
    [Fact]
    public void Layout_TextCnnOfCharacters_HasFewerRowsThanUnicode() => Assert.Equal(
        "embedding.weight [8192, 32]", Specs.Of("text-cnn", InputShape.Tokens(12, 0x110001), 5).Schema().Layout.Entries[0].ToString());

    /// <summary>Pins the first parameters: a change of these bits changes every trained model.</summary>
    [Fact]
    public void Initialize_Seed1_HasTheGoldenBits() => Assert.Equal(
        "f4ea21e15eccab41385b982ee0a56d3bb430e317d5af45defab44c84f74784c7", Specs.Of("conv4-stride", _omniglot, 5, 64).Schema().Initialize(1).Sha256);

    [Fact]
    public void Initialize_EachKindOfTensor_HasItsDistribution()
    {
        ParameterVector theta = Specs.Of("conv4", _omniglot, 5, 64).Schema().Initialize(3);
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
        reason, Assert.Throws<ConfigurationException>(() => Specs.Of(name, new ImageShape(1, side, side), 5, filters).Schema()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("mlp", "tokens 8 of 50", "40", "Model mlp reads vectors or images, but the inputs are tokens 8 of 50; use text-cnn or ratings-mlp.")]
    [InlineData("text-cnn", "1x28x28", "", "Model text-cnn reads tokens, but the inputs are 1x28x28")]
    [InlineData("text-cnn", "tokens 4 of 50", "", "needs texts of at least as many")]
    [InlineData("text-ngrams", "1x28x28", "", "Model text-ngrams reads tokens, but the inputs are 1x28x28")]
    [InlineData("ratings-mlp", "vector 4", "40", "Model ratings-mlp reads tokens, but the inputs are vector 4")]
    [InlineData("ratings-mlp", "tokens 2 of 50", "40", "reads the number of one item, but the inputs are tokens 2 of 50")]
    [InlineData("resnet12", "3x15x84", "", "needs at least 16x16 pixels, but the images are 3x15x84")]
    [InlineData("resnet12", "vector 4", "", "Model resnet12 reads images, but the inputs are vector 4")]
    [InlineData("hog-conv4", "vector 4", "", "Model hog-conv4 reads images, but the inputs are vector 4")]
    [InlineData("mlp", "vector 4", "", "--hidden is '', but model mlp needs the widths")]
    [InlineData("mlp", "vector 4", "40,", "--hidden is '40,'")]
    [InlineData("mlp", "vector 4", "40,x", "--hidden is '40,x'")]
    [InlineData("mlp", "vector 4", "0", "--hidden is '0'")]
    [InlineData("mlp", "vector 4", "2000000000", "Model mlp with hidden layers of 2000000000 and 5 ways has more parameters than a vector can hold")]
    [InlineData("mlp", "vector 4", "99999999999", "--hidden is '99999999999'")]
    public void Parameters_ThatDoNotFitTheInput_AreRefused(string name, string input, string hidden, string reason)
    {
        Assert.True(InputShape.TryParse(input, out InputShape shape));
        ModelSpec spec = Specs.Of(name, shape, 5, ("filters", 16), ("hidden", hidden));
        Assert.Contains(reason, Assert.Throws<ConfigurationException>(() => spec.Schema()).Message, StringComparison.Ordinal);
    }

    private static ModelSpec Spec(string name) => Specs.Of(
        name,
        name switch
        {
            "text-cnn" or "text-ngrams" => InputShape.Tokens(12, 50),
            "ratings-mlp" => InputShape.Tokens(1, 50),
            "mlp" => InputShape.Vector(1),
            _ => _omniglot,
        },
        5, ("filters", 16), ("hidden", "40,40"));
}
