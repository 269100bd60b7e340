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
/// Four 3x3 convolutions with padding 1, batch norm and ReLU, each halving the image; spatial mean; linear head.
/// Initial parameters as in the code of Finn et al. 2017: Xavier-uniform convolutions, zero biases, batch-norm scale 1,
/// a normal head with standard deviation 0.01.
/// </summary>
/// <param name="name"><c>conv4</c> or <c>conv4-stride</c>.</param>
/// <param name="smallestSide">Smallest side in pixels that can be halved four times.</param>
/// <param name="summary">One line of help.</param>
internal sealed class Conv4Definition(string name, int smallestSide, string summary) : INetwork
{
    /// <summary>Name of the network that halves by pooling.</summary>
    public const string Pooling = "conv4";

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public string Summary => summary;

    /// <summary>Smallest side in pixels that it takes.</summary>
    public int SmallestSide => smallestSide;

    /// <inheritdoc />
    public object Options { get; } = new Conv4Options();

    /// <inheritdoc />
    public bool IsLayered => true;

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        spec.RequireInput(InputKind.Image, "use mlp");
        if (Math.Min(spec.Input.Height, spec.Input.Width) < smallestSide)
        {
            throw new ConfigurationException(
                $"Model {spec.Name} halves the image four times and needs at least {smallestSide}x{smallestSide} pixels, "
                + $"but the images are {spec.Input}; use conv4-stride or cnn.");
        }

        var parameters = ImmutableArray.CreateBuilder<ParameterDefinition>();
        int channels = spec.Input.Channels;
        for (int layer = 1; layer <= 4; layer++)
        {
            parameters.Add(new($"conv{layer}.weight", Initializers.XavierUniform, ParameterRole.Body, Sizes(spec).Filters, channels, 3, 3));
            parameters.Add(new($"conv{layer}.bias", Initializers.Zeros, ParameterRole.Body, Sizes(spec).Filters));
            parameters.Add(new($"norm{layer}.weight", Initializers.Ones, ParameterRole.Body, Sizes(spec).Filters));
            parameters.Add(new($"norm{layer}.bias", Initializers.Zeros, ParameterRole.Body, Sizes(spec).Filters));
            channels = Sizes(spec).Filters;
        }

        parameters.Add(new("head.weight", Initializers.Normal(0.01), ParameterRole.Head, spec.Outputs, Sizes(spec).Filters));
        parameters.Add(new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs));
        return parameters.ToImmutable();
    }

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => Sizes(spec).Filters;

    /// <inheritdoc />
    public IModel Create(ModelSpec spec, Convolution convolution) => new Conv4Model(spec, convolution);

    /// <inheritdoc />
    IEnumerable<string> IModelDefinition.Sizes(ModelSpec spec) => [$"{Sizes(spec).Filters} filters"];

    private static Conv4Options Sizes(ModelSpec spec) => (Conv4Options)spec.Options;
}

/// <summary>Options of <see cref="Conv4Definition"/>.</summary>
internal record Conv4Options
{
    /// <summary>Filters per convolution (Finn et al. 2017, Omniglot).</summary>
    [Description("Filters per convolution."), AtLeast(1)]
    public int Filters { get; init; } = 64;
}

/// <summary>The two networks of this kind.</summary>
internal sealed class Conv4Networks : IPartFamily
{
    /// <summary>The one that halves by pooling.</summary>
    public static Conv4Definition OfPooling { get; } =
        new(Conv4Definition.Pooling, smallestSide: 16, "four 3x3 convolutions with batch norm, ReLU and 2x2 max-pooling; spatial mean; linear head (Vinyals et al. 2016)");

    /// <summary>The one that halves by strides.</summary>
    public static Conv4Definition OfStrides { get; } =
        new("conv4-stride", smallestSide: 1, "four 3x3 convolutions with stride 2, batch norm, ReLU; spatial mean; linear head (Finn et al. 2017)");

    /// <inheritdoc />
    public ImmutableArray<IPart> Parts => [OfStrides, OfPooling];
}
