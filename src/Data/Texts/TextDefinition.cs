using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core;
using MetaMap.Core.Options;

namespace MetaMap.Data.Texts;

/// <summary>Definition of the dataset <c>text</c>.</summary>
internal sealed class TextDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => TextDataset.Name;

    /// <inheritdoc />
    public string Summary => "your own short texts with their labels, read from a TSV, CSV, JSON or JSON lines file, or a folder of such";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public object Options { get; } = new TextOptions();

    /// <inheritdoc />
    /// <remarks>What was best on real texts (docs/RESULTS.md).</remarks>
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object> { ["algorithm"] = "protonet", ["model"] = "text-ngrams" };

    /// <inheritdoc />
    /// <exception cref="ConfigurationException">Both columns are the same.</exception>
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data)
    {
        var text = (TextOptions)options;
        return text.LabelColumn is { } column && column == text.TextColumn
            ? throw new ConfigurationException($"--label-column and --text-column are both {column}; name two columns.")
            : TextDataset.Open(data!, text.TextLength, text.LabelColumn, text.TextColumn, TextTokens.Of(text.TextTokens));
    }

    /// <inheritdoc />
    public IExampleReader ExampleReader(DatasetOptions options, ModelInputs inputs)
    {
        var text = (TextOptions)options;
        return new TextExamples(TextTokens.Of(text.TextTokens), inputs.Shape.Length, text.LabelColumn, text.TextColumn);
    }

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> FromData(DatasetOptions options, InputShape input) =>
        ((TextOptions)options).TextLength is null ? new Dictionary<string, object> { ["text_length"] = input.Length } : ImmutableDictionary<string, object>.Empty;
}

/// <summary>Options of <see cref="TextDefinition"/>.</summary>
internal sealed record TextOptions : ClassificationOptions
{
    internal const string OfBytes = "bytes";

    internal const string OfCharacters = "characters";

    /// <summary>What a token is.</summary>
    [Description("What a token of a text is: bytes, of UTF-8, or characters, in lower case (default for text-ngrams)."), OneOf(OfBytes, OfCharacters)]
    public string TextTokens { get; init; } = OfBytes;

    /// <summary>Number of tokens that are read of each text.</summary>
    [Description("Tokens of a text that are read; shorter texts are padded, longer ones cut. Default: what holds 95% of the texts whole, 16 to 1024."), AtLeast(1), AtMost(1_000_000)]
    public int? TextLength { get; init; }

    /// <summary>Column of labels.</summary>
    [Description("Name of the column of labels. Default: one of the usual names, or the column whose values repeat.")]
    public string? LabelColumn { get; init; }

    /// <summary>Column of texts.</summary>
    [Description("Name of the column of texts. Default: one of the usual names, or the column whose values do not repeat.")]
    public string? TextColumn { get; init; }
}
