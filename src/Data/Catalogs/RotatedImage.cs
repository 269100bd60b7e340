namespace MetaMap.Data;

/// <summary>Copies an image that is stored as bytes to floats, turned by quarter turns.</summary>
internal static class RotatedImage
{
    /// <summary>Copies with value = byte / 255. A counter-clockwise quarter turn moves the right column to the top row.</summary>
    /// <param name="source">The stored image, layout [channels, height, width].</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="quarterTurns">Counter-clockwise quarter turns, 0 to 3; 1 and 3 only for square images.</param>
    /// <param name="destination">Receives <see cref="ImageShape.Length"/> values from 0 to 1.</param>
    /// <exception cref="ArgumentException">The turns are out of range, the image is not square, or a span is too short.</exception>
    public static void Copy(ReadOnlySpan<byte> source, ImageShape shape, int quarterTurns, Span<float> destination)
    {
        (int channels, int height, int width) = (shape.Channels, shape.Height, shape.Width);
        if (quarterTurns is < 0 or > 3)
        {
            throw new ArgumentException($"quarter turns are 0 to 3, got {quarterTurns}", nameof(quarterTurns));
        }

        if (quarterTurns % 2 == 1 && height != width)
        {
            throw new ArgumentException($"only a square image has odd quarter turns, got {shape}", nameof(quarterTurns));
        }

        // The source offset of destination (row, column) is first + row · perRow + column · perColumn.
        (int first, int perRow, int perColumn) = quarterTurns switch
        {
            0 => (0, width, 1),
            1 => (width - 1, -1, width),
            2 => (height * width - 1, -width, -1),
            _ => ((height - 1) * width, 1, -width),
        };
        for (int channel = 0; channel < channels; channel++)
        {
            ReadOnlySpan<byte> plane = source.Slice(channel * height * width, height * width);
            Span<float> turned = destination.Slice(channel * height * width, height * width);
            for (int row = 0; row < height; row++)
            {
                for (int column = 0; column < width; column++)
                {
                    turned[row * width + column] = plane[first + row * perRow + column * perColumn] / 255f;
                }
            }
        }
    }
}
