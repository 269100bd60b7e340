using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Options;

namespace MetaMap.Data.Augmentation;

/// <summary>Random changes of training images that leave what they show, one after the other in the order in which the option names them.</summary>
public sealed class ImageAugmentation
{
    private readonly ImmutableArray<IImageTransform> _transforms;
    private readonly ImageShape _shape;

    private ImageAugmentation(ImageOptions options, IEnumerable<string> names, ImageShape shape) => (_transforms, _shape) = ([.. names.Select(name => Transform(name, options))], shape);

    /// <summary>What a dataset's options ask for; null for nothing.</summary>
    /// <param name="options">The dataset's own.</param>
    /// <param name="input">Shape of its inputs.</param>
    public static ImageAugmentation? Of(DatasetOptions options, InputShape input) =>
        options is ImageOptions { Augment: { } names } images ? new(images, SomeOfAttribute.Words(names), input.ToImageShape()) : null;

    /// <summary>Changes an image in its place.</summary>
    /// <param name="image">[channels, height, width], normalised as the options say.</param>
    /// <param name="random">Draws the changes.</param>
    public void Apply(Span<float> image, DeterministicRandom random)
    {
        foreach (IImageTransform transform in _transforms)
        {
            transform.Apply(image, _shape, ref random);
        }
    }

    private static IImageTransform Transform(string name, ImageOptions options) => name switch
    {
        ImageOptions.Crop => new RandomCrop(),
        ImageOptions.Flip => new RandomFlip(),
        ImageOptions.Rotate => new RandomRotation(),
        ImageOptions.Jitter => new ColourJitter((float)options.PixelMean, (float)options.PixelStd),
        _ => throw new ArgumentException($"'{name}' is no change of images.", nameof(name)),
    };
}
