using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Models;

/// <summary>
/// Fully connected layers with ReLU and a linear head. Two layers of 40 are the network of the sinusoid experiment of
/// Finn et al. 2017, section 5.1; first weights are Xavier-uniform here, where the authors' code draws them from a
/// truncated normal with standard deviation 0.01.
/// </summary>
public sealed class MlpDefinition : IModelDefinition
{
    /// <inheritdoc />
    public string Name => ModelCatalog.Mlp;

    /// <inheritdoc />
    public string Summary => "fully connected layers with ReLU, linear head; no batch norm (Finn et al. 2017, sinusoids)";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.Hidden)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new() { Hidden = "40,40" };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec) => spec.Input.Kind == InputKind.Tokens
        ? throw new ConfigurationException(
            $"Model {Name} reads vectors or images, but the inputs are {spec.Input}; use {ModelCatalog.TextCnn} or {ModelCatalog.RatingsMlp}.")
        : [.. HiddenWidths.Layers(spec, spec.Input.Length)];

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => HiddenWidths.First(spec);
}
