using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Models;

/// <summary>
/// Four 3x3 convolutions with padding 1, batch norm and ReLU, each halving the image; spatial mean; linear head.
/// First parameters as in the code of Finn et al. 2017: Xavier-uniform convolutions, zero biases, batch-norm scale 1,
/// a normal head with standard deviation 0.01.
/// </summary>
/// <param name="name"><c>conv4</c> or <c>conv4-stride</c>.</param>
/// <param name="smallestSide">Pixels that the halving needs.</param>
/// <param name="summary">One line for people.</param>
internal sealed class Conv4Definition(string name, int smallestSide, string summary) : IModelDefinition
{
    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public string Summary => summary;

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.Filters)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new() { Filters = 64 };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        ModelCatalog.RequireInput(spec, InputKind.Image, "use mlp");
        if (Math.Min(spec.Input.Height, spec.Input.Width) < smallestSide)
        {
            throw new ConfigurationException(
                $"Model {spec.Name} halves the image four times and needs at least {smallestSide}x{smallestSide} pixels, "
                + $"but the images are {spec.Input}; use {ModelCatalog.Conv4Stride} or {ModelCatalog.Cnn}.");
        }

        var parameters = ImmutableArray.CreateBuilder<ParameterDefinition>();
        int channels = spec.Input.Channels;
        for (int layer = 1; layer <= 4; layer++)
        {
            parameters.Add(new($"conv{layer}.weight", Initializers.XavierUniform, ParameterRole.Body, spec.Filters, channels, 3, 3));
            parameters.Add(new($"conv{layer}.bias", Initializers.Zeros, ParameterRole.Body, spec.Filters));
            parameters.Add(new($"norm{layer}.weight", Initializers.Ones, ParameterRole.Body, spec.Filters));
            parameters.Add(new($"norm{layer}.bias", Initializers.Zeros, ParameterRole.Body, spec.Filters));
            channels = spec.Filters;
        }

        parameters.Add(new("head.weight", Initializers.Normal(0.01), ParameterRole.Head, spec.Outputs, spec.Filters));
        parameters.Add(new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs));
        return parameters.ToImmutable();
    }

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => spec.Filters;
}
