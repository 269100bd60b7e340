using MetaMap.Core.Data;
using MetaMap.Core.Episodes;
using MetaMap.Core.Models;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Kernels;
using TorchSharp;

namespace MetaMap.Learning.Tests.Models;

/// <summary>Every network in a size that takes no time, and inputs that it reads.</summary>
internal static class SmallNetworks
{
    public static ModelSpec Spec(string name, int outputs = 3, int channels = 3, int side = 16) => new(
        name,
        name switch
        {
            ModelCatalog.TextCnn => InputShape.Tokens(12, 30),
            ModelCatalog.RatingsMlp => InputShape.Tokens(1, 30),
            ModelCatalog.Mlp => InputShape.Vector(4),
            _ => new ImageShape(channels, side, side),
        },
        outputs, Filters: 4)
    {
        Hidden = "6,5", EmbeddingSize = 5,
    };

    /// <summary>With an activation that has derivatives everywhere.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="convolution">The one that is right here when null.</param>
    public static IModel Smooth(ModelSpec spec, Convolution? convolution = null) => spec.Name switch
    {
        ModelCatalog.Mlp => new MlpModel(spec, hidden => hidden.tanh()),
        ModelCatalog.ResNet12 => new ResNet12Model(spec, convolution ?? Here.Convolution, hidden => hidden.tanh()),
        ModelCatalog.TextCnn => new TextCnnModel(spec, convolution ?? Here.Convolution, hidden => hidden.tanh()),
        ModelCatalog.RatingsMlp => new RatingsMlpModel(spec, hidden => hidden.tanh()),
        ModelCatalog.Cnn => new CnnModel(spec, convolution ?? Here.Convolution, hidden => hidden.tanh()),
        _ => new Conv4Model(spec, convolution ?? Here.Convolution, hidden => hidden.tanh()),
    };

    /// <summary>float64 inputs in the caller's dispose scope.</summary>
    public static torch.Tensor Inputs(InputShape shape, long seed, int count)
    {
        long[] sizes = [count, .. shape.Sizes.Select(size => (long)size)];
        if (shape.Kind != InputKind.Tokens)
        {
            return RandomTensors.Gaussian(seed, sizes);
        }

        var random = DeterministicRandom.For("test-tokens", seed);
        return torch.tensor([.. Enumerable.Range(0, count * shape.Length).Select(_ => (double)random.NextInt(shape.Vocabulary))]).reshape(sizes);
    }
}
