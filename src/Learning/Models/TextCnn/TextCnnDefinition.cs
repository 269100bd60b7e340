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
/// Embedding, parallel convolutions of three widths, the largest value of each filter over the text, ReLU, linear head
/// (Kim 2014, section 2). Token 0 is padding and stands for the zero vector. Deviations: 64 filters of each width in place
/// of 100, no dropout, no limit on the head's norm, embeddings learned from scratch.
/// </summary>
internal sealed class TextCnnDefinition : INetwork
{
    /// <summary>Number of tokens that a filter sees, for each of the parallel convolutions.</summary>
    public static ImmutableArray<int> Widths { get; } = [3, 4, 5];

    // No alphabet, but all of Unicode: few of its characters ever occur.
    private const int MostTokens = 1 << 20;

    private const int RowsOfUnicode = 8192;

    /// <inheritdoc />
    public string Name => "text-cnn";

    /// <inheritdoc />
    public string Summary => "embedding, convolutions over 3, 4 and 5 tokens, maximum over the text, linear head; no batch norm (Kim 2014)";

    /// <inheritdoc />
    public object Options { get; } = new TextCnnOptions();

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        spec.RequireInput(InputKind.Tokens, "use mlp or a network for images");
        if (spec.Input.Length < Widths[^1])
        {
            throw new ConfigurationException(
                $"Model {Name} has filters over {Widths[^1]} tokens and needs texts of at least as many, but the inputs are {spec.Input}; use a greater --text-length or ratings-mlp.");
        }

        var parameters = ImmutableArray.CreateBuilder<ParameterDefinition>();
        parameters.Add(new("embedding.weight", Initializers.Normal(0.1), ParameterRole.Body, RowsOf(spec.Input), Sizes(spec).EmbeddingSize));
        foreach (int width in Widths)
        {
            parameters.Add(new($"conv{width}.weight", Initializers.XavierUniform, ParameterRole.Body, Sizes(spec).Filters, Sizes(spec).EmbeddingSize, width));
            parameters.Add(new($"conv{width}.bias", Initializers.Zeros, ParameterRole.Body, Sizes(spec).Filters));
        }

        parameters.Add(new("head.weight", Initializers.Normal(0.01), ParameterRole.Head, spec.Outputs, ModulatedChannels(spec)));
        parameters.Add(new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs));
        return parameters.ToImmutable();
    }

    /// <summary>Rows of the embedding: one for each token; for characters fewer, which they share.</summary>
    public static int RowsOf(InputShape input) => input.Vocabulary > MostTokens ? RowsOfUnicode : input.Vocabulary;

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => checked(Widths.Length * Sizes(spec).Filters);

    /// <inheritdoc />
    public IModel Create(ModelSpec spec, Convolution convolution) => new TextCnnModel(spec, convolution);

    /// <inheritdoc />
    IEnumerable<string> IModelDefinition.Sizes(ModelSpec spec) => [$"{Sizes(spec).Filters} filters", $"embeddings of length {Sizes(spec).EmbeddingSize}"];

    private static TextCnnOptions Sizes(ModelSpec spec) => (TextCnnOptions)spec.Options;
}

/// <summary>Options of <see cref="TextCnnDefinition"/>.</summary>
internal sealed record TextCnnOptions
{
    /// <summary>Length of the vector that stands for a token or an item.</summary>
    [Description("Length of the learned vector of a token, a text, an image or an item."), AtLeast(1)]
    public int EmbeddingSize { get; init; } = 32;

    /// <summary>Filters per convolution.</summary>
    [Description("Filters per convolution."), AtLeast(1)]
    public int Filters { get; init; } = 64;
}
