using MetaMap.Core;

namespace MetaMap.Data.Augmentation;

/// <summary>A random change of an image that leaves what it shows.</summary>
internal interface IImageTransform
{
    /// <summary>Changes an image.</summary>
    /// <param name="image">[channels, height, width]; receives the result.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="random">Draws the change: as many numbers as every other image takes.</param>
    void Apply(Span<float> image, ImageShape shape, ref DeterministicRandom random);
}
