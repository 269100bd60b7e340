using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Models;
using MetaMap.Learning.Tests.Kernels;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Tests.Models;

/// <summary>Every network in a size that takes no time, and inputs that it reads.</summary>
internal static class SmallNetworks
{
    public static ModelSpec Spec(string name, int outputs = 3, int channels = 3, int side = 16, string hidden = "6,5") => Specs.Of(
        name,
        name switch
        {
            "text-cnn" or "text-ngrams" => InputShape.Tokens(12, 30),
            "ratings-mlp" => InputShape.Tokens(1, 30),
            "mlp" => InputShape.Vector(4),
            _ => new ImageShape(channels, side, side),
        },
        outputs, ("filters", 4), ("hidden", hidden), ("embedding_size", 5), ("buckets", 40));

    /// <summary>With an activation that has derivatives everywhere.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="convolution">The one that is right here when null.</param>
    public static IModel Smooth(ModelSpec spec, Convolution? convolution = null) => spec.Name switch
    {
        "mlp" => new MlpModel(spec, hidden => hidden.tanh()),
        "resnet12" => new ResNet12Model(spec, convolution ?? Here.Convolution, hidden => hidden.tanh()),
        "hog-conv4" => new HogConv4Model(spec, new Conv4Model(HogConv4Definition.Convolutions(spec), convolution ?? Here.Convolution, hidden => hidden.tanh())),
        "text-cnn" => new TextCnnModel(spec, convolution ?? Here.Convolution, hidden => hidden.tanh()),
        "text-ngrams" => new TextNGramsModel(spec),
        "ratings-mlp" => new RatingsMlpModel(spec, hidden => hidden.tanh()),
        "cnn" => new CnnModel(spec, convolution ?? Here.Convolution, hidden => hidden.tanh()),
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
