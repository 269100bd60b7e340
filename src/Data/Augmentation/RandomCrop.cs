using MetaMap.Core;

namespace MetaMap.Data.Augmentation;

/// <summary>
/// A crop of the image's own size, out of the image padded by an eighth of each side (as He et al. 2016 do with CIFAR's 32 pixels). The padding repeats the border: zeros would draw an edge
/// that no image has.
/// </summary>
internal sealed class RandomCrop : IImageTransform
{
    /// <inheritdoc />
    public void Apply(Span<float> image, ImageShape shape, ref DeterministicRandom random)
    {
        (int down, int right) = (Shift(shape.Height, ref random), Shift(shape.Width, ref random));
        ReadOnlySpan<float> source = image.ToArray();
        for (int i = 0; i < image.Length; i++)
        {
            (int plane, int row, int column) = (i / (shape.Height * shape.Width), i / shape.Width % shape.Height, i % shape.Width);
            image[i] = source[(((plane * shape.Height) + Math.Clamp(row + down, 0, shape.Height - 1)) * shape.Width) + Math.Clamp(column + right, 0, shape.Width - 1)];
        }
    }

    private static int Shift(int side, ref DeterministicRandom random)
    {
        int padding = (side + 4) / 8;
        return random.NextInt((2 * padding) + 1) - padding;
    }
}
