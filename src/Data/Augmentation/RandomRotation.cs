using MetaMap.Core;

namespace MetaMap.Data.Augmentation;

/// <summary>Turns the image about its centre by up to 15 degrees to either side, with linear interpolation; what comes from outside repeats the border.</summary>
internal sealed class RandomRotation : IImageTransform
{
    // tan(15 degrees / 2). From the tangent of half the angle come sine and cosine by operations that every processor rounds alike.
    private const double MostHalfTangent = 0.131652497587396;

    /// <inheritdoc />
    public void Apply(Span<float> image, ImageShape shape, ref DeterministicRandom random)
    {
        double t = random.NextDouble(-MostHalfTangent, MostHalfTangent);
        (double cosine, double sine) = ((1 - (t * t)) / (1 + (t * t)), 2 * t / (1 + (t * t)));
        (double middleRow, double middleColumn) = ((shape.Height - 1) / 2.0, (shape.Width - 1) / 2.0);
        ReadOnlySpan<float> source = image.ToArray();
        int area = shape.Height * shape.Width;
        for (int i = 0; i < area; i++)
        {
            (double down, double right) = ((i / shape.Width) - middleRow, (i % shape.Width) - middleColumn);
            double row = Math.Clamp(middleRow + (cosine * down) - (sine * right), 0, shape.Height - 1);
            double column = Math.Clamp(middleColumn + (sine * down) + (cosine * right), 0, shape.Width - 1);
            (int top, int left) = ((int)row, (int)column);
            (float below, float beside) = ((float)(row - top), (float)(column - left));
            (int bottom, int rightmost) = (Math.Min(top + 1, shape.Height - 1), Math.Min(left + 1, shape.Width - 1));
            for (int plane = 0; plane < image.Length; plane += area)
            {
                ReadOnlySpan<float> pixels = source.Slice(plane, area);
                float upper = Between(pixels[(top * shape.Width) + left], pixels[(top * shape.Width) + rightmost], beside);
                float lower = Between(pixels[(bottom * shape.Width) + left], pixels[(bottom * shape.Width) + rightmost], beside);
                image[plane + i] = Between(upper, lower, below);
            }
        }
    }

    private static float Between(float first, float second, float share) => first + (share * (second - first));
}
