using MetaMap.Core;
using MetaMap.Data.Augmentation;

namespace MetaMap.Data.Tests.Augmentation;

public sealed class ImageAugmentationTests
{
    private static readonly ImageShape _shape = new(3, 12, 12);

    [Fact]
    public void Of_NothingAskedFor_IsNone()
    {
        Assert.Null(ImageAugmentation.Of(new ImageOptions(), _shape));
        Assert.Null(ImageAugmentation.Of(new ClassificationOptions(), _shape));
    }

    [Fact]
    public void Apply_SeveralChanges_AreMadeInTheirOrder()
    {
        float[] image = [.. Enumerable.Range(0, _shape.Length).Select(i => i * 7 % 31 / 31f)];
        float[] changed = [.. image];
        ImageAugmentation.Of(new ImageOptions { Augment = "rotate, crop" }, _shape)!.Apply(changed, DeterministicRandom.For("test", 3));

        var random = DeterministicRandom.For("test", 3);
        new RandomRotation().Apply(image, _shape, ref random);
        new RandomCrop().Apply(image, _shape, ref random);
        Assert.Equal(image, changed);
    }
}
