using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Data.Texts;

/// <summary>The dataset <c>text</c> by name.</summary>
public sealed class TextDefinition : IDatasetDefinition
{
    /// <summary>Bytes of a text that are read when nothing else is asked for.</summary>
    public const int DefaultLength = 128;

    /// <inheritdoc />
    public string Name => TextDataset.Name;

    /// <inheritdoc />
    public string Summary => "your own short texts, read from a UTF-8 file of lines 'label, tab, text', or a folder of .tsv and .txt files";

    /// <inheritdoc />
    public bool NeedsFolder => true;

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.Split), nameof(RunOptions.Ways), nameof(RunOptions.TextLength)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new() { Split = ClassSplitter.Seeded, Ways = 5, TextLength = DefaultLength, Model = "text-cnn" };

    /// <inheritdoc />
    public IEpisodeDataset Open(RunOptions options, string? data) => TextDataset.Open(data!, options.TextLength ?? DefaultLength);
}
