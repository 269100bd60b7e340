using System.Globalization;
using MetaMap.Data;
using MetaMap.Data.Glyphs;

namespace MetaMap.PacedGlyphs;

/// <summary>Glyphs, each of which takes a millisecond, asleep, or as many as the environment says.</summary>
internal sealed class PacedGlyphDataset : IEpisodeDataset
{
    private static readonly int _milliseconds = int.Parse(
        Environment.GetEnvironmentVariable(PacedGlyphDefinition.Milliseconds) ?? "1", CultureInfo.InvariantCulture);

    private readonly GlyphDataset _glyphs = new();

    /// <inheritdoc />
    public DatasetCatalog Catalog => _glyphs.Catalog;

    /// <inheritdoc />
    public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
    {
#pragma warning disable RS0030 // Sleeping is what it is for.
        Thread.Sleep(_milliseconds);
#pragma warning restore RS0030
        _glyphs.CopyInput(classIndex, exampleIndex, quarterTurns, destination);
    }
}
