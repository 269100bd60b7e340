using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Tests.Configuration;

/// <summary>A one-layer network is a head alone; algorithms that need a body say so.</summary>
public sealed class BodylessModelTests
{
    private static readonly TaskShape _glyphs = new(new ImageShape(1, 28, 28), 0, 900);

    [Theory]
    [InlineData("boil", "Algorithm boil adapts the body, but model mlp is a head alone; give it a hidden layer or use maml.")]
    [InlineData("protonet", "Algorithm protonet trains a feature map, but model mlp is a head alone; give it a hidden layer or use maml.")]
    [InlineData("feature-offset", "Algorithm feature-offset trains a feature map, but model mlp is a head alone; give it a hidden layer or use maml.")]
    [InlineData("cavia", "Model mlp with --hidden none has no hidden layer to modulate; give it one, or use another algorithm.")]
    public void For_OneLayer_IsRefusedByThoseThatNeedABody(string algorithm, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<ConfigurationException>(() => Schema(algorithm)).Message);

    [Theory]
    [InlineData("maml")]
    [InlineData("anil")]
    public void For_OneLayer_IsDrivenByThoseThatAdaptTheHead(string algorithm) =>
        Assert.Equal(["head.weight", "head.bias"], Schema(algorithm).Layout.Entries.Select(entry => entry.Name));

    private static ParameterSchema Schema(string algorithm) => _glyphs.Schema(OptionValues.Of(("model", "mlp"), ("hidden", "none"), ("algorithm", algorithm)).Resolve());
}
