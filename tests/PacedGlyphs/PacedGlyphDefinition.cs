using MetaMap.Core.Options;
using MetaMap.Data;

[assembly: MetaMapPlugin(typeof(MetaMap.PacedGlyphs.PacedGlyphDefinition))]

namespace MetaMap.PacedGlyphs;

/// <summary>
/// The dataset <c>paced-glyphs</c>, a plug-in of the tests: glyphs that take a millisecond each, asleep. A run of it gives a test the
/// time to act before it ends, and leaves the processor to other tests.
/// </summary>
public sealed class PacedGlyphDefinition : IDatasetDefinition
{
    /// <summary>The environment variable with the milliseconds of an image; 1 without it.</summary>
    public const string Milliseconds = "PACED_GLYPHS_MILLISECONDS";

    /// <inheritdoc />
    public string Name => "paced-glyphs";

    /// <inheritdoc />
    public string Summary => "glyphs that take their time";

    /// <inheritdoc />
    public bool NeedsFolder => false;

    /// <inheritdoc />
    public object Options { get; } = new ClassificationOptions();

    /// <inheritdoc />
    public IEpisodeDataset Open(DatasetOptions options, EpisodeShape episode, string? data) => new PacedGlyphDataset();
}
