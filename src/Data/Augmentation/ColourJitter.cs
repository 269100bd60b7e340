using MetaMap.Core;

namespace MetaMap.Data.Augmentation;

/// <summary>Brightness, contrast and saturation times 0.6 to 1.4 each, as in Chen et al. 2019: contrast about the image's mean grey, saturation about each pixel's own.</summary>
/// <param name="mean">What was taken from the pixels, 0 to 1.</param>
/// <param name="std">What they were divided by then.</param>
internal sealed class ColourJitter(float mean, float std) : IImageTransform
{
    private const double Most = 0.4;

    // Of red, green and blue (ITU-R BT.601).
    private static readonly float[] _weights = [0.299f, 0.587f, 0.114f];

    /// <inheritdoc />
    public void Apply(Span<float> image, ImageShape shape, ref DeterministicRandom random)
    {
        (float brightness, float contrast, float saturation) = (Factor(ref random), Factor(ref random), Factor(ref random));
        foreach (ref float pixel in image)
        {
            pixel = Math.Clamp(((pixel * std) + mean) * brightness, 0, 1);
        }

        int area = shape.Height * shape.Width;
        float middle = 0;
        for (int i = 0; i < area; i++)
        {
            middle += Grey(image, i, area) / area;
        }

        foreach (ref float pixel in image)
        {
            pixel = Math.Clamp(middle + (contrast * (pixel - middle)), 0, 1);
        }

        for (int i = 0; i < area; i++)
        {
            float grey = Grey(image, i, area);
            for (int at = i; at < image.Length; at += area)
            {
                image[at] = (Math.Clamp(grey + (saturation * (image[at] - grey)), 0, 1) - mean) / std;
            }
        }
    }

    private static float Factor(ref DeterministicRandom random) => (float)random.NextDouble(1 - Most, 1 + Most);

    private static float Grey(ReadOnlySpan<float> image, int place, int area) => image.Length < 3 * area ? image[place]
        : (_weights[0] * image[place]) + (_weights[1] * image[place + area]) + (_weights[2] * image[place + (2 * area)]);
}
