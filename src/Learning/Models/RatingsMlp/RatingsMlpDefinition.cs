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
/// An item's embedding, fully connected layers with ReLU, a linear head: predicts one user's ratings of items, as in
/// meta-learned recommendation (Lee et al. 2019, MeLU, section 3.1, here with the item's number in place of its attributes).
/// </summary>
internal sealed class RatingsMlpDefinition : INetwork
{
    /// <inheritdoc />
    public string Name => "ratings-mlp";

    /// <inheritdoc />
    public string Summary => "embedding of one item, fully connected layers with ReLU, linear head; no batch norm";

    /// <inheritdoc />
    public object Options { get; } = new RatingsMlpOptions();

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        spec.RequireInput(InputKind.Tokens, "use mlp or a network for images");
        return spec.Input.Length != 1
            ? throw new ConfigurationException($"Model {Name} reads the number of one item, but the inputs are {spec.Input}; use text-cnn.")
            :
            [
                new("embedding.weight", Initializers.Normal(0.1), ParameterRole.Body, spec.Input.Vocabulary, Sizes(spec).EmbeddingSize),
                .. HiddenWidths.Layers(spec, Sizes(spec).EmbeddingSize),
            ];
    }

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => HiddenWidths.First(spec);

    /// <inheritdoc />
    public int SkipLength(ModelSpec spec) => HiddenWidths.Of(spec).IsEmpty ? 0 : Sizes(spec).EmbeddingSize;

    /// <inheritdoc />
    public IModel Create(ModelSpec spec, Convolution convolution) => new RatingsMlpModel(spec);

    /// <inheritdoc />
    IEnumerable<string> IModelDefinition.Sizes(ModelSpec spec) => [$"hidden layers of {Sizes(spec).Hidden}", $"embeddings of length {Sizes(spec).EmbeddingSize}"];

    private static RatingsMlpOptions Sizes(ModelSpec spec) => (RatingsMlpOptions)spec.Options;
}

/// <summary>Options of <see cref="RatingsMlpDefinition"/>.</summary>
internal sealed record RatingsMlpOptions : IHiddenWidths
{
    /// <summary>Length of the vector that stands for a token or an item.</summary>
    [Description("Length of the learned vector of a token, a text, an image or an item."), AtLeast(1)]
    public int EmbeddingSize { get; init; } = 32;

    /// <inheritdoc />
    [Description(HiddenWidths.Help)]
    public string Hidden { get; init; } = "64";
}
