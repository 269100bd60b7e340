namespace MetaMap.Data;

/// <summary>Gives a dataset's pixels as (x - mean) / std, x from 0 to 1.</summary>
public static class NormalizedPixels
{
    /// <summary>The dataset with such pixels; itself where it has no images, or they stay as they are.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="options">Its options.</param>
    public static IEpisodeDataset Of(IEpisodeDataset dataset, DatasetOptions options) =>
        options is ImageOptions { IsNormalized: true } pixels ? new Normalized(dataset, (float)pixels.PixelMean, (float)pixels.PixelStd) : dataset;

    private sealed class Normalized(IEpisodeDataset raw, float mean, float std) : IEpisodeDataset
    {
        public DatasetCatalog Catalog => raw.Catalog;

        public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
        {
            raw.CopyInput(classIndex, exampleIndex, quarterTurns, destination);
            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] = (destination[i] - mean) / std;
            }
        }
    }
}
