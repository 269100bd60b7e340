
using MetaMap.Data.Images;

namespace MetaMap.Data.Glyphs;

/// <summary>Definition of the built-in dataset <c>glyphs</c>.</summary>
public sealed class GlyphDefinition : IDatasetDefinition
{
    /// <inheritdoc />
    public string Name => GlyphDataset.Name;

    /// <inheritdoc />
    public string Summary => "invented characters, drawn by the program itself";

    /// <inheritdoc />
    public bool NeedsFolder => false;

    /// <inheritdoc />
    public object Options { get; } = new ImageOptions();

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => new GlyphDataset();

    /// <inheritdoc />
    public IExampleReader ExampleReader(DatasetOptions options, ModelInputs inputs) => new ImageExamples(inputs.Shape.ToImageShape(), isInk: true);
}
