using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Kernels;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Models;

/// <summary>32 valid 3x3 filters, ReLU, adaptive average pool to 7x7, 128 hidden units with ReLU, linear head.</summary>
internal sealed class CnnDefinition : INetwork
{
    /// <summary>Filters of the convolution.</summary>
    public const int Filters = 32;

    /// <summary>Side of the pooled feature map.</summary>
    public const int PooledSide = 7;

    /// <summary>Hidden units.</summary>
    public const int Hidden = 128;

    /// <inheritdoc />
    public string Name => "cnn";

    /// <inheritdoc />
    public string Summary => "32 3x3 filters, average pool to 7x7, 128 hidden units, linear head; no batch norm";

    /// <inheritdoc />
    public object Options { get; } = new NoOptions();

    /// <inheritdoc />
    public bool IsLayered => true;

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        spec.RequireInput(InputKind.Image, "use mlp");
        return Math.Min(spec.Input.Height, spec.Input.Width) < 3
            ? throw new ConfigurationException(
                $"Model {Name} has valid 3x3 filters and needs images of at least 3x3 pixels, but they are {spec.Input}.")
            :
            [
                new("conv.weight", Initializers.XavierUniform, ParameterRole.Body, Filters, spec.Input.Channels, 3, 3),
                new("conv.bias", Initializers.Zeros, ParameterRole.Body, Filters),
                new("hidden.weight", Initializers.XavierUniform, ParameterRole.Body, Hidden, Filters * PooledSide * PooledSide),
                new("hidden.bias", Initializers.Zeros, ParameterRole.Body, Hidden),
                new("head.weight", Initializers.Normal(0.01), ParameterRole.Head, spec.Outputs, Hidden),
                new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs),
            ];
    }

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => Hidden;

    /// <inheritdoc />
    public IModel Create(ModelSpec spec, Convolution convolution) => new CnnModel(spec, convolution);
}
