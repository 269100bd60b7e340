using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Kernels;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Models;

/// <summary>
/// Four residual blocks, each of three 3x3 convolutions with batch norm and LeakyReLU 0.1, a 1x1 shortcut with batch norm
/// and 2x2 max-pooling; spatial mean; linear head (Oreshkin et al. 2018, TADAM, appendix A; widths 64, 128, 256, 512).
/// Initial weights as in Lee et al. 2019 (MetaOptNet): He-normal by fan-out. Deviations: no DropBlock, which Lee et al. add.
/// </summary>
internal sealed class ResNet12Definition : INetwork
{
    /// <summary>Number of residual blocks; each doubles the filters and halves the image.</summary>
    public const int Blocks = 4;

    /// <summary>3x3 convolutions of each block.</summary>
    public const int ConvolutionsPerBlock = 3;

    private const int SmallestSide = 16;

    /// <inheritdoc />
    public string Name => "resnet12";

    /// <inheritdoc />
    public string Summary => "four residual blocks of three 3x3 convolutions with batch norm, 8 million weights; linear head (Oreshkin et al. 2018)";

    /// <inheritdoc />
    public object Options { get; } = new ResNet12Options();

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        spec.RequireInput(InputKind.Image, "use mlp or text-cnn");
        if (Math.Min(spec.Input.Height, spec.Input.Width) < SmallestSide)
        {
            throw new ConfigurationException(
                $"Model {Name} halves the image four times and needs at least {SmallestSide}x{SmallestSide} pixels, "
                + $"but the images are {spec.Input}; use conv4-stride or cnn.");
        }

        var parameters = ImmutableArray.CreateBuilder<ParameterDefinition>();
        int channels = spec.Input.Channels;
        for (int block = 1; block <= Blocks; block++)
        {
            AddBlock(parameters, block, channels, Width(spec, block));
            channels = Width(spec, block);
        }

        parameters.Add(new("head.weight", Initializers.Normal(0.01), ParameterRole.Head, spec.Outputs, channels));
        parameters.Add(new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs));
        return parameters.ToImmutable();
    }

    /// <inheritdoc />
    /// <remarks>The channels of the third block's sum.</remarks>
    public int ModulatedChannels(ModelSpec spec) => Width(spec, 3);

    private static int Width(ModelSpec spec, int block) => checked(Sizes(spec).Filters * (1 << (block - 1)));

    private static void AddBlock(ImmutableArray<ParameterDefinition>.Builder parameters, int block, int channels, int width)
    {
        for (int layer = 1; layer <= ConvolutionsPerBlock; layer++)
        {
            parameters.Add(new($"conv{block}.{layer}.weight", Initializers.HeNormal, ParameterRole.Body, width, layer == 1 ? channels : width, 3, 3));
            AddNorm(parameters, $"norm{block}.{layer}", width);
        }

        parameters.Add(new($"conv{block}.shortcut.weight", Initializers.HeNormal, ParameterRole.Body, width, channels, 1, 1));
        AddNorm(parameters, $"norm{block}.shortcut", width);
    }

    private static void AddNorm(ImmutableArray<ParameterDefinition>.Builder parameters, string name, int width)
    {
        parameters.Add(new($"{name}.weight", Initializers.Ones, ParameterRole.Body, width));
        parameters.Add(new($"{name}.bias", Initializers.Zeros, ParameterRole.Body, width));
    }

    /// <inheritdoc />
    public IModel Create(ModelSpec spec, Convolution convolution) => new ResNet12Model(spec, convolution);

    /// <inheritdoc />
    IEnumerable<string> IModelDefinition.Sizes(ModelSpec spec) => [$"{Sizes(spec).Filters} filters"];

    private static ResNet12Options Sizes(ModelSpec spec) => (ResNet12Options)spec.Options;
}

/// <summary>Options of <see cref="ResNet12Definition"/>.</summary>
internal sealed record ResNet12Options
{
    /// <summary>Filters per convolution.</summary>
    [Description("Filters per convolution (of the first block of resnet12)."), AtLeast(1)]
    public int Filters { get; init; } = 64;
}
