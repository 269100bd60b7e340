using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Models;

/// <summary>
/// An item's embedding, fully connected layers with ReLU, a linear head: what one person thinks of items, as in meta-
/// learned recommendation (Lee et al. 2019, MeLU, section 3.1, here with the item's number in place of its attributes).
/// </summary>
public sealed class RatingsMlpDefinition : IModelDefinition
{
    /// <inheritdoc />
    public string Name => ModelCatalog.RatingsMlp;

    /// <inheritdoc />
    public string Summary => "embedding of one item, fully connected layers with ReLU, linear head; no batch norm";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.EmbeddingSize), nameof(RunOptions.Hidden)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new() { EmbeddingSize = 32, Hidden = "64" };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        ModelCatalog.RequireInput(spec, InputKind.Tokens, $"use {ModelCatalog.Mlp} or a network for images");
        return spec.Input.Length != 1
            ? throw new ConfigurationException($"Model {Name} reads the number of one item, but the inputs are {spec.Input}; use {ModelCatalog.TextCnn}.")
            :
            [
                new("embedding.weight", Initializers.Normal(0.1), ParameterRole.Body, spec.Input.Vocabulary, spec.EmbeddingSize),
                .. HiddenWidths.Layers(spec, spec.EmbeddingSize),
            ];
    }

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => HiddenWidths.First(spec);
}
