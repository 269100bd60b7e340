namespace MetaMap.Core.Data;

/// <summary>Labelled images from which episodes are drawn. Implementations are immutable and safe for many threads.</summary>
public interface IEpisodeDataset
{
    /// <summary>The classes and shapes, without any pixel.</summary>
    DatasetCatalog Catalog { get; }

    /// <summary>Copies one image, values 0 to 1 (ink 1), layout [channels, height, width], rotated by quarter turns.</summary>
    /// <param name="classIndex">Index into <see cref="DatasetCatalog.Classes"/>.</param>
    /// <param name="exampleIndex">Index below the class's example count.</param>
    /// <param name="quarterTurns">Counter-clockwise quarter turns, 0 to 3; other than 0 and 2 only for square images.</param>
    /// <param name="destination">Receives <see cref="ImageShape.Length"/> values.</param>
    void CopyImage(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination);
}
