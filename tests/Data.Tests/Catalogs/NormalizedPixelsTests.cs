using MetaMap.Data.Glyphs;

namespace MetaMap.Data.Tests;

public sealed class NormalizedPixelsTests
{
    private static readonly GlyphDataset _glyphs = new();

    [Fact]
    public void Of_MeanAndStd_GivesWhatTorchvisionGives()
    {
        IEpisodeDataset normalized = NormalizedPixels.Of(_glyphs, new ImageOptions { PixelMean = 0.5, PixelStd = 0.25 });
        float[] raw = Input(_glyphs);
        Assert.Equal(raw.Select(pixel => (pixel - 0.5f) / 0.25f), Input(normalized));
        Assert.Contains(Input(normalized), pixel => pixel < 0);
        Assert.Equal(_glyphs.Catalog, normalized.Catalog);
    }

    [Fact]
    public void Of_PixelsAsTheyAre_IsItself()
    {
        Assert.Same(_glyphs, NormalizedPixels.Of(_glyphs, new ImageOptions()));
        Assert.Same(_glyphs, NormalizedPixels.Of(_glyphs, new ClassificationOptions()));
    }

    private static float[] Input(IEpisodeDataset dataset)
    {
        float[] input = new float[dataset.Catalog.Input.Length];
        dataset.CopyInput(3, 1, 1, input);
        return input;
    }
}
