using MetaMap.Data;
using MetaMap.Training.Baselines;

namespace MetaMap.Training.Tests.Baselines;

public class GradientHistogramTests
{
    private static readonly ImageShape _shape = new(1, 24, 24);
    private static readonly GradientHistogram _histogram = new(_shape);

    [Fact]
    public void Of_ConstantImage_IsZero() => Assert.All(_histogram.Of(Image((_, _) => 0.7f)), feature => Assert.Equal(0, feature));

    [Fact]
    public void Of_LessContrastAndMoreLight_StaysTheSame()
    {
        float[] features = _histogram.Of(Image(Ring));
        float[] pale = _histogram.Of(Image((x, y) => 0.4f + (0.3f * Ring(x, y))));
        Assert.All(features.Zip(pale), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
        Assert.Equal(7 * 7 * 4 * 9, features.Length);
    }

    [Fact]
    public void Of_EdgesOfOneDirection_AreInItsBinsOnly()
    {
        float[] upright = _histogram.Of(Image((x, _) => x / 12));
        float[] level = _histogram.Of(Image((_, y) => y / 12));
        Assert.All(upright.Zip(level), pair => Assert.Equal(0, pair.First * pair.Second));
        Assert.Contains(upright, feature => feature > 0.1f);
        Assert.Contains(level, feature => feature > 0.1f);
    }

    [Fact]
    public void Of_Colours_TakesTheStrongestChannel()
    {
        float[] grey = Image(Ring);
        float[] colours = [.. new float[grey.Length], .. grey, .. grey.Select(value => value / 2)];
        Assert.Equal(_histogram.Of(grey), new GradientHistogram(new ImageShape(3, 24, 24)).Of(colours));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 20, 20)]
    [InlineData(3, 9, 84)]
    public void Length_AnyShape_IsThatOfTheFeatures(int channels, int height, int width)
    {
        ImageShape shape = new(channels, height, width);
        GradientHistogram histogram = new(shape);
        Assert.Equal(histogram.Length, histogram.Of(new float[shape.Length]).Length);
    }

    [Fact]
    public void Of_OnePixel_IsZero() => Assert.All(new GradientHistogram(new ImageShape(1, 1, 1)).Of([1]), feature => Assert.Equal(0, feature));

    private static float Ring(int x, int y) => Math.Abs(Math.Sqrt(((x - 11) * (x - 11)) + ((y - 11) * (y - 11))) - 7) < 2 ? 1 : 0;

    private static float[] Image(Func<int, int, float> pixel) =>
        [.. Enumerable.Range(0, _shape.Height).SelectMany(y => Enumerable.Range(0, _shape.Width).Select(x => pixel(x, y)))];
}
