using CsCheck;
using MetaMap.Testing;

namespace MetaMap.Data.Tests;

public class RotatedImageTests
{
    // 1 2
    // 3 4
    private static readonly byte[] Square = [51, 102, 153, 204];

    [Theory]
    [InlineData(0, new[] { 51, 102, 153, 204 })]
    [InlineData(1, new[] { 102, 204, 51, 153 })]
    [InlineData(2, new[] { 204, 153, 102, 51 })]
    [InlineData(3, new[] { 153, 51, 204, 102 })]
    public void Copy_QuarterTurns_AreCounterClockwise(int quarterTurns, int[] expected)
    {
        Assert.Equal(expected.Select(value => value / 255f), Copied(Square, new ImageShape(1, 2, 2), quarterTurns));
    }

    [Fact]
    public void Copy_Channels_TurnEachInPlace()
    {
        float[] turned = Copied([1, 2, 3, 4, 11, 12, 13, 14], new ImageShape(2, 2, 2), 1);

        Assert.Equal([2, 4, 1, 3, 12, 14, 11, 13], turned.Select(value => (int)Math.Round(value * 255)));
    }

    [Fact]
    public void Copy_OblongHalfTurn_IsReversed() =>
        Assert.Equal([6, 5, 4, 3, 2, 1], Copied([1, 2, 3, 4, 5, 6], new ImageShape(1, 2, 3), 2).Select(v => (int)Math.Round(v * 255)));

    [Fact]
    public void Copy_OblongQuarterTurn_Throws() =>
        Assert.Throws<ArgumentException>(() => Copied(new byte[6], new ImageShape(1, 2, 3), 1));

    [Fact]
    public void Copy_FiveTurns_Throws() =>
        Assert.Throws<ArgumentException>(() => Copied(Square, new ImageShape(1, 2, 2), 5));

    [Fact]
    public void Copy_OneTurnFourTimes_IsTheOriginal() =>
        Gen.Int[1, 9].SelectMany(side => Gen.Byte.Array[side * side]).Repeatable().Sample(image =>
        {
            int side = (int)Math.Sqrt(image.Length);
            byte[] turned = image;
            for (int i = 0; i < 4; i++)
            {
                turned = [.. Copied(turned, new ImageShape(1, side, side), 1).Select(value => (byte)Math.Round(value * 255))];
            }

            Assert.Equal(image, turned);
        });

    private static float[] Copied(byte[] image, ImageShape shape, int quarterTurns)
    {
        float[] copied = new float[shape.Length];
        RotatedImage.Copy(image, shape, quarterTurns, copied);
        return copied;
    }
}
