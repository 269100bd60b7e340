using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Models;

/// <summary>
/// Embedding, parallel convolutions of three widths, the greatest value of each filter over the text, ReLU, linear head
/// (Kim 2014, section 2). Token 0 is padding and stands for the zero vector. Deviations: 64 filters of each width in place
/// of 100, no dropout, no limit on the head's norm, embeddings learned from nothing.
/// </summary>
public sealed class TextCnnDefinition : IModelDefinition
{
    /// <summary>Tokens that a filter of each of the parallel convolutions sees.</summary>
    public static ImmutableArray<int> Widths { get; } = [3, 4, 5];

    /// <inheritdoc />
    public string Name => ModelCatalog.TextCnn;

    /// <inheritdoc />
    public string Summary => "embedding, convolutions over 3, 4 and 5 tokens, maximum over the text, linear head; no batch norm (Kim 2014)";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.EmbeddingSize), nameof(RunOptions.Filters)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new() { EmbeddingSize = 32, Filters = 64 };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(ModelSpec spec)
    {
        ModelCatalog.RequireInput(spec, InputKind.Tokens, $"use {ModelCatalog.Mlp} or a network for images");
        if (spec.Input.Length < Widths[^1])
        {
            throw new ConfigurationException(
                $"Model {Name} has filters over {Widths[^1]} tokens and needs texts of at least as many, but the inputs are {spec.Input}; use a greater --text-length or {ModelCatalog.RatingsMlp}.");
        }

        var parameters = ImmutableArray.CreateBuilder<ParameterDefinition>();
        parameters.Add(new("embedding.weight", Initializers.Normal(0.1), ParameterRole.Body, spec.Input.Vocabulary, spec.EmbeddingSize));
        foreach (int width in Widths)
        {
            parameters.Add(new($"conv{width}.weight", Initializers.XavierUniform, ParameterRole.Body, spec.Filters, spec.EmbeddingSize, width));
            parameters.Add(new($"conv{width}.bias", Initializers.Zeros, ParameterRole.Body, spec.Filters));
        }

        parameters.Add(new("head.weight", Initializers.Normal(0.01), ParameterRole.Head, spec.Outputs, ModulatedChannels(spec)));
        parameters.Add(new("head.bias", Initializers.Zeros, ParameterRole.Head, spec.Outputs));
        return parameters.ToImmutable();
    }

    /// <inheritdoc />
    public int ModulatedChannels(ModelSpec spec) => checked(Widths.Length * spec.Filters);
}
