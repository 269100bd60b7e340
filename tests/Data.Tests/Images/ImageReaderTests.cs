using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data.Images;
using MetaMap.Data.Tests.Images.Formats;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using SkiaSharp;
using StbImageSharp;

namespace MetaMap.Data.Tests.Images;

/// <summary>Images come in as people see them.</summary>
public sealed class ImageReaderTests : IDisposable
{
    private readonly ImageFolderOnDisk _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2, "white", 1, new[] { 255, 155, 0 })]
    [InlineData(2, "black", 1, new[] { 0, 0, 0 })]
    [InlineData(4, "white", 3, new[] { 255, 155, 0 })]
    public void CopyInput_BlackInkOnTransparency_ShowsTheBackground(int components, string background, int channels, int[] expected)
    {
        // Transparent, ink that covers 100 of 255, and ink.
        _folder.With("a/1.png", PngFile.Of(1, 3, components, (_, column, component) => component < components - 1 ? 0 : new[] { 0, 100, 255 }[column]));
        IEpisodeDataset dataset = _folder.Open(background: background);
        Assert.Equal(new ImageShape(channels, 1, 3), dataset.Catalog.Input);
        Assert.Equal(Enumerable.Repeat(expected, channels).SelectMany(row => row), Bytes(dataset));
    }

    [Fact]
    public void CopyInput_GreyWithAlphaOverAColour_HasThreeChannels()
    {
        _folder.With("a/1.png", PngFile.Of(1, 2, 2, (_, column, component) => component == 0 ? 40 : 255 * column));
        Assert.Equal([16, 40, 32, 40, 255, 40], Bytes(_folder.Open(background: "#1020ff")));
    }

    [Fact]
    public void CopyInput_TransparentColour_ShowsTheBackground()
    {
        _folder.With("a/1.png", PngFile.Of(1, 3, 1, (_, column, _) => 7 * column, 8, PngFile.Chunk("tRNS"u8, [0, 7])));
        Assert.Equal([0, 255, 14], Bytes(_folder.Open()));
    }

    /// <summary>So many pixels that the decoder takes it for no image.</summary>
    [Fact]
    public void Open_GiantPng_SaysItsSizeAndTheLargest()
    {
        byte[] header = [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0];
        _folder.With("a/1.png", [.. PngFile.Signature, .. PngFile.Chunk("IHDR"u8, header), .. PngFile.Chunk("IEND"u8, [])]);
        Assert.EndsWith("1.png is 60000x60000, expected at most 8192x8192: make it smaller, or remove it", Assert.Throws<DataException>(() => _folder.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_NoColour_SaysWhatItMustBe() => Assert.Contains(
        "--background is #12345, but it must be white, black or #rrggbb",
        Assert.Throws<ConfigurationException>(() => OptionValues.Of(("dataset", "images"), ("background", "#12345")).Resolve()).Message, StringComparison.Ordinal);

    /// <summary>Pixels 0 to 5 in two rows of three; the expected ones are what a viewer shows.</summary>
    [Theory]
    [InlineData(1, 2, new[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(2, 2, new[] { 2, 1, 0, 5, 4, 3 })]
    [InlineData(3, 2, new[] { 5, 4, 3, 2, 1, 0 })]
    [InlineData(4, 2, new[] { 3, 4, 5, 0, 1, 2 })]
    [InlineData(5, 3, new[] { 0, 3, 1, 4, 2, 5 })]
    [InlineData(6, 3, new[] { 3, 0, 4, 1, 5, 2 })]
    [InlineData(7, 3, new[] { 5, 2, 4, 1, 3, 0 })]
    [InlineData(8, 3, new[] { 2, 5, 1, 4, 0, 3 })]
    [InlineData(9, 2, new[] { 0, 1, 2, 3, 4, 5 })]
    public void CopyInput_Orientation_IsApplied(int orientation, int height, int[] expected)
    {
        foreach (bool isLittle in new[] { true, false })
        {
            using ImageFolderOnDisk folder = new();
            folder.With("a/1.png", PngFile.Of(2, 3, 1, (row, column, _) => 3 * row + column, 8, PngFile.Chunk("eXIf"u8, SampleFiles.Exif(orientation, isLittle))));
            IEpisodeDataset dataset = folder.Open();
            Assert.Equal(new ImageShape(1, height, 6 / height), dataset.Catalog.Input);
            Assert.Equal(expected, Bytes(dataset));
        }
    }

    [Fact]
    public void CopyInput_JpegOfATurnedCamera_IsUpright()
    {
        _folder.With("a/1.jpg", SampleFiles.Jpeg(orientation: 6));
        IEpisodeDataset dataset = _folder.Open();
        Assert.Equal(new ImageShape(3, 32, 16), dataset.Catalog.Input);

        // Clockwise: the black half of the upper rows comes to the upper right, the grey rows to the left.
        int[] bytes = Bytes(dataset);
        Assert.InRange(bytes[4 * 16 + 12], 0, 12);
        Assert.InRange(bytes[28 * 16 + 12], 243, 255);
        Assert.InRange(bytes[4 * 16 + 3], 116, 140);
    }

    [Fact]
    public void CopyInput_SixteenBits_KeepsTheHigherEight()
    {
        _folder.With("a/1.png", PngFile.Of(1, 4, 1, (_, column, _) => new[] { 0, 0x1234, 0x80FF, 0xFFFF }[column], bits: 16));
        Assert.Equal([0, 0x12, 0x80, 255], Bytes(_folder.Open()));
    }

    [Theory]
    [InlineData("P2 # four values\n4 1\n# of at most\n4095\n0 2048\t1\n4095")]
    [InlineData("P5 4 1 4095\n\0\0\u0008\0\0\u0001\u000f\u00ff")]
    public void CopyInput_Pgm_IsScaledByItsLargestValue(string content)
    {
        _folder.With("a/1.pgm", System.Text.Encoding.Latin1.GetBytes(content));
        Assert.Equal([0, 128, 0, 255], Bytes(_folder.Open()));
    }

    [Theory]
    [InlineData("P3 2 1 255\n1 2 3 4 5 6\n")]
    [InlineData("P6\n2 1\n255\n\u0001\u0002\u0003\u0004\u0005\u0006")]
    public void CopyInput_Ppm_HasThreeChannels(string content)
    {
        _folder.With("a/1.ppm", System.Text.Encoding.Latin1.GetBytes(content));
        Assert.Equal([1, 4, 2, 5, 3, 6], Bytes(_folder.Open()));
    }

    [Theory]
    [InlineData("1.gif")]
    [InlineData("1.bmp")]
    public void CopyInput_GifAndBmp_AreDecoded(string name)
    {
        _folder.With("a/" + name, SampleFiles.All[name]);
        Assert.Equal([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255], Bytes(_folder.Open()));
    }

    [Fact]
    public void CopyInput_Webp_IsLaidOverTheBackground()
    {
        SKBitmap bitmap = new(2, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        bitmap.SetPixel(0, 0, new SKColor(200, 100, 50));
        bitmap.SetPixel(1, 0, SKColors.Transparent);
        _folder.With("a/1.webp", SampleFiles.Encoded(SKEncodedImageFormat.Webp, bitmap));
        int[] bytes = Bytes(_folder.Open());
        Assert.All(new[] { 255, 255, 255 }.Zip([bytes[1], bytes[3], bytes[5]]), pair => Assert.Equal(pair.First, pair.Second));
        Assert.All(new[] { 200, 100, 50 }.Zip([bytes[0], bytes[2], bytes[4]]), pair => Assert.InRange(pair.Second, pair.First - 3, pair.First + 3));
    }

    /// <summary>As they were read before transparency was looked at.</summary>
    [Fact]
    public void CopyInput_OpaqueImages_AreWhatTheDecoderMakesOfThem()
    {
        byte[][] files = [SampleFiles.Jpeg(), ImageFolderOnDisk.GreyJpeg, PngFile.Of(16, 32, 3, (row, column, channel) => 5 * row + 3 * column + 20 * channel)];
        for (int i = 0; i < files.Length; i++)
        {
            using ImageFolderOnDisk folder = new();
            IEpisodeDataset dataset = folder.With("a/image.png", files[i]).With("b/colour.jpg", ImageFolderOnDisk.RedJpeg).Open(side: 32);
            ImageResult decoded = ImageResult.FromMemory(files[i], ColorComponents.RedGreenBlue);
            byte[] expected = ImageResize.Resize(decoded.Data, new ImageShape(3, decoded.Height, decoded.Width), new ImageShape(3, 32, 32));
            Assert.Equal(expected.Select(value => (int)value), Bytes(dataset));
        }
    }

    private static int[] Bytes(IEpisodeDataset dataset) => [.. dataset.Image(0, 0).Select(value => (int)Math.Round(value * 255))];
}
