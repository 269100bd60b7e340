namespace MetaMap.Data.Images;

/// <summary>
/// Resizes images with the triangle filter, widened when shrinking so that every pixel counts (the bilinear filter of
/// Pillow). Computes in float64 and in a fixed order, so that every machine makes the same bytes.
/// </summary>
internal static class ImageResize
{
    /// <summary>Resizes, without keeping the ratio of the sides.</summary>
    /// <param name="source">Bytes [height, width, channels].</param>
    /// <param name="from">Their shape.</param>
    /// <param name="to">The shape to make, with the same number of channels.</param>
    /// <returns>Bytes [channels, height, width].</returns>
    public static byte[] Resize(ReadOnlySpan<byte> source, ImageShape from, ImageShape to)
    {
        int channels = from.Channels;
        (int First, double[] Weights)[] columns = Filter(from.Width, to.Width);
        (int First, double[] Weights)[] rows = Filter(from.Height, to.Height);
        double[] narrowed = new double[from.Height * to.Width * channels];
        for (int row = 0; row < from.Height; row++)
        {
            for (int column = 0; column < to.Width; column++)
            {
                (int first, double[] weights) = columns[column];
                for (int channel = 0; channel < channels; channel++)
                {
                    double sum = 0;
                    for (int i = 0; i < weights.Length; i++)
                    {
                        sum += weights[i] * source[((row * from.Width) + first + i) * channels + channel];
                    }

                    narrowed[(row * to.Width + column) * channels + channel] = sum;
                }
            }
        }

        byte[] result = new byte[to.Length];
        for (int row = 0; row < to.Height; row++)
        {
            (int first, double[] weights) = rows[row];
            for (int column = 0; column < to.Width; column++)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    double sum = 0;
                    for (int i = 0; i < weights.Length; i++)
                    {
                        sum += weights[i] * narrowed[((first + i) * to.Width + column) * channels + channel];
                    }

                    result[(channel * to.Height + row) * to.Width + column] = (byte)Math.Clamp(Math.Floor(sum + 0.5), 0, 255);
                }
            }
        }

        return result;
    }

    /// <summary>The source pixels that each result pixel is made of, with weights that sum to 1.</summary>
    private static (int First, double[] Weights)[] Filter(int from, int to)
    {
        double scale = from / (double)to;
        double radius = Math.Max(1, scale);
        (int, double[])[] filter = new (int, double[])[to];
        for (int i = 0; i < to; i++)
        {
            double center = (i + 0.5) * scale;
            int first = Math.Max(0, (int)Math.Floor(center - radius));
            int end = Math.Min(from, (int)Math.Ceiling(center + radius));
            double[] weights = [.. Enumerable.Range(first, end - first).Select(x => Math.Max(0, 1 - Math.Abs((x + 0.5 - center) / radius)))];
            double sum = weights.Sum();
            filter[i] = (first, Array.ConvertAll(weights, weight => weight / sum));
        }

        return filter;
    }
}
