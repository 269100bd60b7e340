namespace MetaMap.Data;

/// <summary>Examples from which episodes are drawn. Implementations are immutable and safe for many threads.</summary>
public interface IEpisodeDataset
{
    /// <summary>The classes and shapes, without any content.</summary>
    DatasetCatalog Catalog { get; }

    /// <summary>Copies one example's input: an image has values 0 to 1 (ink 1) and layout [channels, height, width].</summary>
    /// <param name="classIndex">Index into <see cref="DatasetCatalog.Classes"/>.</param>
    /// <param name="exampleIndex">Index below the class's example count.</param>
    /// <param name="quarterTurns">Counter-clockwise quarter turns of an image, 0 to 3; other than 0 and 2 only for square images. 0 for other inputs.</param>
    /// <param name="destination">Receives <see cref="InputShape.Length"/> values.</param>
    void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination);
}

/// <summary>A dataset whose examples have values to predict.</summary>
public interface IRegressionDataset : IEpisodeDataset
{
    /// <summary>Copies one example's values.</summary>
    /// <param name="classIndex">Index into <see cref="DatasetCatalog.Classes"/>.</param>
    /// <param name="exampleIndex">Index below the class's example count.</param>
    /// <param name="destination">Receives <see cref="DatasetCatalog.TargetLength"/> values.</param>
    void CopyTarget(int classIndex, int exampleIndex, Span<float> destination);
}

/// <summary>A dataset whose examples are texts.</summary>
public interface ITextDataset : IEpisodeDataset
{
    /// <summary>One example's text, as far as it is read.</summary>
    /// <param name="classIndex">Index into <see cref="IEpisodeDataset.Catalog"/>.</param>
    /// <param name="exampleIndex">Index below the class's example count.</param>
    string TextOf(int classIndex, int exampleIndex);
}
