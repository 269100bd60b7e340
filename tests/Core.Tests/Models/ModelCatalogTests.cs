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
        Assert.Equal(count, ModelCatalog.Layout(new ModelSpec(name, _omniglot, ways, 64)).Length);

    [Fact]
    public void Initialize_SameSeed_IsAPureFunctionOfIt()
    {
        foreach (string name in ModelCatalog.Names)
        {
            var spec = new ModelSpec(name, _omniglot, 5, 16);
            Assert.Equal(ModelCatalog.Initialize(spec, 1), ModelCatalog.Initialize(spec, 1));
            Assert.NotEqual(ModelCatalog.Initialize(spec, 1), ModelCatalog.Initialize(spec, 2));
        }
    }

    /// <summary>Pins the first parameters: a change of these bits changes every trained model.</summary>
    [Fact]
    public void Initialize_Seed1_HasTheGoldenBits() => Assert.Equal(
        "f4ea21e15eccab41385b982ee0a56d3bb430e317d5af45defab44c84f74784c7", ModelCatalog.Initialize(new ModelSpec(ModelCatalog.Conv4Stride, _omniglot, 5, 64), 1).Sha256);

    [Fact]
    public void Initialize_EachKindOfTensor_HasItsDistribution()
    {
        ParameterVector theta = ModelCatalog.Initialize(new ModelSpec(ModelCatalog.Conv4, _omniglot, 5, 64), 3);
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
    [InlineData("resnet", 28, 64, "There is no model 'resnet'; choose one of conv4-stride, conv4, cnn.")]
    [InlineData("conv4", 28, 20_000, "20000 filters and 5 ways has more parameters than a vector can hold")]
    [InlineData("conv4-stride", 28, int.MaxValue, "more parameters than a vector can hold")]
    public void Layout_ThatCannotBe_IsRefused(string name, int side, int filters, string reason) => Assert.Contains(
        reason, Assert.Throws<ConfigurationException>(() => ModelCatalog.Layout(new ModelSpec(name, new ImageShape(1, side, side), 5, filters))).Message, StringComparison.Ordinal);
}
