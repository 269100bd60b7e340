
namespace MetaMap.Data.Glyphs;

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
    public object Options { get; } = new ClassificationOptions();

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => new GlyphDataset();
}
