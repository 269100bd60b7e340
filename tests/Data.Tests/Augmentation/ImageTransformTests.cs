using CsCheck;
using MetaMap.Core;
using MetaMap.Data.Augmentation;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Augmentation;

/// <summary>What holds for every change, and what is each one's own.</summary>
public sealed class ImageTransformTests
{
    private static readonly ImageShape _shape = new(3, 24, 32);

    [Theory]
    [InlineData("crop")]
    [InlineData("flip")]
    [InlineData("rotate")]
    [InlineData("jitter")]
    public void Apply_AnyImage_StaysAnImageAndIsAFunctionOfTheDraw(string name) =>
        Gen.Select(Gen.Int[1, 3].Where(channels => channels != 2), Gen.Int[1, 30], Gen.Int[1, 30], Gen.Int[0, 1000]).Repeatable().Sample((channels, height, width, seed) =>
        {
            ImageShape shape = new(channels, height, width);
            float[] image = Noise(shape);
            float[] first = Applied(Named(name), image, shape, seed);
            Assert.Equal(first, Applied(Named(name), image, shape, seed));
            Assert.All(first, pixel => Assert.InRange(pixel, -1e-6f, 1 + 1e-6f));
        });

    [Fact]
    public void Apply_Crop_ShiftsByAnEighthAtMostAndRepeatsTheBorder()
    {
        float[] image = Noise(_shape);
        HashSet<(int, int)> shifts = [];
        for (int seed = 0; seed < 200; seed++)
        {
            float[] changed = Applied(new RandomCrop(), image, _shape, seed);
            (int down, int right) = Shifts().First(shift => At(changed, 12, 16) == At(image, 12 + shift.Down, 16 + shift.Right));
            shifts.Add((down, right));
            Assert.All(Places(), place => Assert.Equal(At(image, Math.Clamp(place.Row + down, 0, 23), Math.Clamp(place.Column + right, 0, 31)), At(changed, place.Row, place.Column)));
        }

        Assert.Equal((-3, 3), (shifts.Min(shift => shift.Item1), shifts.Max(shift => shift.Item1)));
        Assert.Equal((-4, 4), (shifts.Min(shift => shift.Item2), shifts.Max(shift => shift.Item2)));

        static IEnumerable<(int Down, int Right)> Shifts() => from down in Enumerable.Range(-12, 24) from right in Enumerable.Range(-16, 32) select (down, right);
        static IEnumerable<(int Row, int Column)> Places() => from row in Enumerable.Range(0, 24) from column in Enumerable.Range(0, 32) select (row, column);
    }

    [Fact]
    public void Apply_Flip_MirrorsHalfOfTheImages()
    {
        float[] image = Noise(_shape);
        float[] mirrored = [.. image.Chunk(_shape.Width).SelectMany(row => row.Reverse())];
        float[][] changed = [.. Enumerable.Range(0, 200).Select(seed => Applied(new RandomFlip(), image, _shape, seed))];
        Assert.All(changed, one => Assert.True(one.SequenceEqual(image) || one.SequenceEqual(mirrored)));
        Assert.InRange(changed.Count(one => one.SequenceEqual(mirrored)), 75, 125);
    }

    // A ramp stays a ramp, whose slope has turned; linear interpolation is exact on it, away from the border.
    [Fact]
    public void Apply_Rotation_TurnsARampByFifteenDegreesAtMost()
    {
        ImageShape shape = new(1, 33, 33);
        float[] ramp = [.. Enumerable.Range(0, 33 * 33).Select(i => i % 33 / 32f)];
        double[] degrees =
        [
            .. Enumerable.Range(0, 200).Select(seed =>
            {
                float[] turned = Applied(new RandomRotation(), ramp, shape, seed);
                double right = turned[(16 * 33) + 17] - turned[(16 * 33) + 15];
                double down = turned[(17 * 33) + 16] - turned[(15 * 33) + 16];
                Assert.Equal(2 / 32.0, Math.Sqrt((right * right) + (down * down)), 5);
                Assert.Equal(0.5, turned[(16 * 33) + 16], 5);
                return Math.Atan2(down, right) * 180 / Math.PI;
            }),
        ];
        Assert.InRange(degrees.Max(), 14, 15.001);
        Assert.InRange(degrees.Min(), -15.001, -14);
    }

    [Fact]
    public void Apply_JitterOfConstantGrey_ChangesItsBrightnessAlone()
    {
        float[] image = [.. Enumerable.Repeat(0.5f, _shape.Length)];
        float[] levels = [.. Enumerable.Range(0, 200).Select(seed => Assert.Single(Applied(new ColourJitter(0, 1), image, _shape, seed).Select(pixel => MathF.Round(pixel, 5)).Distinct()))];
        Assert.InRange(levels.Min(), 0.3f, 0.31f);
        Assert.InRange(levels.Max(), 0.69f, 0.7f);
    }

    [Fact]
    public void Apply_JitterOfNormalisedPixels_IsThatOfThePixels()
    {
        float[] image = Noise(_shape);
        float[] normalised = Applied(new ColourJitter(0.5f, 0.25f), [.. image.Select(pixel => (pixel - 0.5f) / 0.25f)], _shape, 7);
        Assert.All(Applied(new ColourJitter(0, 1), image, _shape, 7).Zip(normalised), pair => Assert.Equal(pair.First, (pair.Second * 0.25f) + 0.5f, 1e-5f));
    }

    private static IImageTransform Named(string name) => name switch
    {
        "crop" => new RandomCrop(),
        "flip" => new RandomFlip(),
        "rotate" => new RandomRotation(),
        _ => new ColourJitter(0, 1),
    };

    private static float[] Applied(IImageTransform transform, float[] image, ImageShape shape, long seed)
    {
        float[] changed = [.. image];
        var random = DeterministicRandom.For("test", seed);
        transform.Apply(changed, shape, ref random);
        return changed;
    }

    private static float[] Noise(ImageShape shape)
    {
        var random = DeterministicRandom.For("noise", shape.Length);
        float[] image = new float[shape.Length];
        foreach (ref float pixel in image.AsSpan())
        {
            pixel = (float)random.NextDouble();
        }

        return image;
    }

    private static (float Red, float Blue) At(float[] image, int row, int column) => row is < 0 or > 23 || column is < 0 or > 31
        ? default : (image[(row * 32) + column], image[(2 * 24 * 32) + (row * 32) + column]);
}
