using System.Collections.Immutable;
using MetaMap.Core.Configuration;

namespace MetaMap.Core.Data.Glyphs;

/// <summary>The built-in dataset <c>glyphs</c> by name.</summary>
public sealed class GlyphDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => GlyphDataset.Name;

    /// <inheritdoc />
    public string Summary => "invented characters, drawn by the program itself";

    /// <inheritdoc />
    public bool NeedsFolder => false;

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } = [nameof(RunOptions.Split), nameof(RunOptions.Ways)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new() { Split = ClassSplitter.Seeded, Ways = 5 };

    /// <inheritdoc />
    public IEpisodeDataset Open(RunOptions options, string? data) => new GlyphDataset();
}
