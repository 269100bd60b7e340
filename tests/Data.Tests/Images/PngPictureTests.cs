using MetaMap.Data.Images;
using StbImageSharp;

namespace MetaMap.Data.Tests.Images;

public sealed class PngPictureTests
{
    [Fact]
    public void Of_GreyImage_HasItsValuesInAllChannels() =>
        Assert.Equal([0, 0, 0, 51, 51, 51, 255, 255, 255, 255, 255, 255], Decoded(PngPicture.Of(new ImageShape(1, 2, 2), [-1, 0.2f, 1, 2], new ImageOptions())));

    [Fact]
    public void Of_NormalisedColours_AreTurnedBack() => Assert.Equal(
        [0, 128, 255], Decoded(PngPicture.Of(new ImageShape(3, 1, 1), [-1, 0.004f, 1], new ImageOptions { PixelMean = 0.5, PixelStd = 0.5 })));

    private static byte[] Decoded(byte[] file) => ImageResult.FromMemory(file, ColorComponents.RedGreenBlue).Data;
}
