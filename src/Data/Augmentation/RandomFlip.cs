using MetaMap.Core;

namespace MetaMap.Data.Augmentation;

/// <summary>Left and right change places, in half of the images.</summary>
internal sealed class RandomFlip : IImageTransform
{
    /// <inheritdoc />
    public void Apply(Span<float> image, ImageShape shape, ref DeterministicRandom random)
    {
        if (random.NextInt(2) == 0)
        {
            return;
        }

        for (int row = 0; row < image.Length; row += shape.Width)
        {
            image.Slice(row, shape.Width).Reverse();
        }
    }
}
