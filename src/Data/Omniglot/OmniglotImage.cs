using MetaMap.Core;
using MetaMap.Data.Images.Formats;
using StbImageSharp;

namespace MetaMap.Data.Omniglot;

/// <summary>Converts a 105x105 PNG with black ink on white to a 28x28 image of bytes, ink 255.</summary>
internal static class OmniglotImage
{
    /// <summary>Height and width of the result.</summary>
    public const int Side = 28;

    private const int SourceSide = 105;

    // On a grid of 105 · 28 / 7 = 420 steps, a source pixel is 4 steps wide and a result pixel 15: integers, so exact.
    private const int SourceSteps = 4;
    private const int ResultSteps = 15;

    /// <summary>Decodes, inverts and averages by area.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="png">The file.</param>
    /// <param name="destination">Receives 28 · 28 bytes.</param>
    /// <exception cref="DataException">Not an image, or of another size.</exception>
    public static void Decode(string path, byte[] png, Span<byte> destination)
    {
        ImageResult image = Decode(path, png);
        if (image.Width != SourceSide || image.Height != SourceSide)
        {
            throw new DataException(
                $"{path} is {image.Height}x{image.Width}, expected {SourceSide}x{SourceSide}: use the images as they were published");
        }

        // Ink of each source row in each result column, in 255ths of a step; then the same down the columns.
        Span<int> rows = stackalloc int[SourceSide * Side];
        for (int row = 0; row < SourceSide; row++)
        {
            for (int column = 0; column < SourceSide; column++)
            {
                int ink = 255 - image.Data[row * SourceSide + column];
                if (ink > 0)
                {
                    Spread(ink, column, rows[(row * Side)..], 1);
                }
            }
        }

        Span<int> sums = stackalloc int[Side * Side];
        for (int row = 0; row < SourceSide; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                Spread(rows[row * Side + column], row, sums[column..], Side);
            }
        }

        const int Area = ResultSteps * ResultSteps;
        for (int i = 0; i < Side * Side; i++)
        {
            destination[i] = (byte)((sums[i] + Area / 2) / Area);
        }
    }

    /// <summary>Adds a source pixel's ink to the one or two result pixels that it covers, by the steps in each.</summary>
    private static void Spread(int ink, int source, Span<int> result, int stride)
    {
        int first = source * SourceSteps / ResultSteps;
        int stepsInFirst = Math.Min(SourceSteps, (first + 1) * ResultSteps - source * SourceSteps);
        result[first * stride] += ink * stepsInFirst;
        if (stepsInFirst < SourceSteps)
        {
            result[(first + 1) * stride] += ink * (SourceSteps - stepsInFirst);
        }
    }

    private static ImageResult Decode(string path, byte[] png)
    {
        try
        {
            ImageFormat.Of(png)?.Check(png);
            using BoundedStream stream = new(new MemoryStream(png));
            return ImageResult.FromStream(stream, ColorComponents.Grey);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or InvalidDataException)
        {
            throw new DataException($"{path} is not a PNG image that can be read ({e.Message}): download the dataset again", e);
        }
    }
}
