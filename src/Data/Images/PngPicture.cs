using SkiaSharp;

namespace MetaMap.Data.Images;

/// <summary>An image as a model sees it, as a PNG file for people.</summary>
public static class PngPicture
{
    /// <summary>Encodes an image.</summary>
    /// <param name="shape">Its shape, of 1 channel (grey) or 3.</param>
    /// <param name="pixels">Its values [channels, height, width], 0 to 1, or as <paramref name="options"/> has them; what lies outside is cut off.</param>
    /// <param name="options">How its dataset gives pixels.</param>
    public static byte[] Of(ImageShape shape, ReadOnlySpan<float> pixels, DatasetOptions options)
    {
        (float mean, float std) = options is ImageOptions { IsNormalized: true } normalized ? ((float)normalized.PixelMean, (float)normalized.PixelStd) : (0, 1);
        int plane = shape.Height * shape.Width;
        using SKBitmap bitmap = new(shape.Width, shape.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        Span<byte> bytes = bitmap.GetPixelSpan();
        for (int i = 0; i < plane; i++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                float value = pixels[(shape.Channels == 1 ? 0 : channel * plane) + i] * std + mean;
                bytes[4 * i + channel] = (byte)MathF.Round(255 * Math.Clamp(value, 0, 1));
            }

            bytes[4 * i + 3] = byte.MaxValue;
        }

        using SKData file = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return file.ToArray();
    }
}
