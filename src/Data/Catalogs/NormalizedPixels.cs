namespace MetaMap.Data;

/// <summary>Gives a dataset's pixels as (x - mean) / std, x from 0 to 1.</summary>
public static class NormalizedPixels
{
    /// <summary>The dataset with such pixels; itself where it has no images, or they stay as they are.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="options">Its options.</param>
    public static IEpisodeDataset Of(IEpisodeDataset dataset, DatasetOptions options) =>
        options is ImageOptions { IsNormalized: true } pixels ? new Normalized(dataset, (float)pixels.PixelMean, (float)pixels.PixelStd) : dataset;

    /// <summary>A reader whose images have such pixels; itself where they stay as they are.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="options">The options of the dataset that the model was trained on.</param>
    public static IExampleReader Of(IExampleReader reader, DatasetOptions options) =>
        options is ImageOptions { IsNormalized: true } pixels ? new NormalizedReader(reader, (float)pixels.PixelMean, (float)pixels.PixelStd) : reader;

    private static void Normalize(Span<float> pixels, float mean, float std)
    {
        foreach (ref float pixel in pixels)
        {
            pixel = (pixel - mean) / std;
        }
    }

    private sealed class NormalizedReader(IExampleReader raw, float mean, float std) : IExampleReader
    {
        public ExampleKind Kind => raw.Kind;

        public GivenExamples Read(string path)
        {
            GivenExamples read = raw.Read(path);
            return read with { Examples = [.. read.Examples.Select(Normalized)] };
        }

        public GivenExample Read(string name, string? label, ExampleContent content) => Normalized(raw.Read(name, label, content));

        private GivenExample Normalized(GivenExample example)
        {
            Normalize(example.Input, mean, std);
            return example;
        }
    }

    private sealed class Normalized(IEpisodeDataset raw, float mean, float std) : IEpisodeDataset
    {
        public DatasetCatalog Catalog => raw.Catalog;

        public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
        {
            raw.CopyInput(classIndex, exampleIndex, quarterTurns, destination);
            Normalize(destination, mean, std);
        }
    }
}
