using System.ComponentModel;
using MetaMap.Core.Options;

namespace MetaMap.Data.Texts;

/// <summary>Definition of the dataset <c>text</c>.</summary>
internal sealed class TextDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => TextDataset.Name;

    /// <inheritdoc />
    public string Summary => "your own short texts, read from a UTF-8 file of lines 'label, tab, text', or a folder of .tsv and .txt files";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public object Options { get; } = new TextOptions();

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> Advice { get; } = new Dictionary<string, object> { ["model"] = "text-cnn" };

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => TextDataset.Open(data!, ((TextOptions)options).TextLength);
}

/// <summary>Options of <see cref="TextDefinition"/>.</summary>
internal sealed record TextOptions : ClassificationOptions
{
    /// <summary>Number of bytes that are read of each text.</summary>
    [Description("Bytes of a text that are read; shorter texts are padded, longer ones cut."), AtLeast(1), AtMost(1_000_000)]
    public int TextLength { get; init; } = 128;
}
