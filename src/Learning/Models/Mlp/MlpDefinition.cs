using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Kernels;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Models;

/// <summary>
/// Fully connected layers with ReLU and a linear head. Two layers of 40 are the network of the sinusoid experiment of
/// Finn et al. 2017, section 5.1; initial weights are Xavier-uniform here, where the authors' code draws them from a
/// truncated normal with standard deviation 0.01.
/// </summary>
internal sealed class MlpDefinition : INetwork
{
    /// <inheritdoc />
    public string Name => "mlp";

    /// <inheritdoc />
    public string Summary => "fully connected layers with ReLU, linear head; no batch norm (Finn et al. 2017, sinusoids)";

    /// <inheritdoc />
    public object Options { get; } = new MlpOptions();

    /// <inheritdoc />
    public bool IsLayered => true;

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec) => spec.Input.Kind == InputKind.Tokens
        ? throw new ConfigurationException(
            $"Model {Name} reads vectors or images, but the inputs are {spec.Input}; use text-cnn or ratings-mlp.")
        : [.. HiddenWidths.Layers(spec, spec.Input.Length)];

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => HiddenWidths.First(spec);

    /// <inheritdoc />
    public int SkipLength(ModelSpec spec) => HiddenWidths.Of(spec).IsEmpty ? 0 : spec.Input.Length;

    /// <inheritdoc />
    public IModel Create(ModelSpec spec, Convolution convolution) => new MlpModel(spec);

    /// <inheritdoc />
    IEnumerable<string> IModelDefinition.Sizes(ModelSpec spec) => [$"hidden layers of {Sizes(spec).Hidden}"];

    private static MlpOptions Sizes(ModelSpec spec) => (MlpOptions)spec.Options;
}

/// <summary>Options of <see cref="MlpDefinition"/>.</summary>
internal sealed record MlpOptions : IHiddenWidths
{
    /// <inheritdoc />
    [Description(HiddenWidths.Help)]
    public string Hidden { get; init; } = "40,40";
}
