using CsCheck;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;

namespace MetaMap.Data.Tests;

public sealed class InputShapeTests
{
    private static readonly Gen<InputShape> _anyShape = Gen.OneOf(
        Gen.Select(Gen.Int[1, 16], Gen.Int[1, 4096], Gen.Int[1, 4096], (channels, height, width) => (InputShape)new ImageShape(channels, height, width)),
        Gen.Int[1, 1 << 24].Select(InputShape.Vector),
        Gen.Select(Gen.Int[1, 1 << 24], Gen.Int[1, 1 << 24], InputShape.Tokens));

    [Fact]
    public void TryParse_WrittenShape_IsEqual() => _anyShape.Repeatable().Sample(shape =>
    {
        Assert.True(InputShape.TryParse(shape.ToString(), out InputShape read));
        Assert.Equal(shape, read);
        Assert.Equal(shape.Length, shape.Sizes.Aggregate(1, (product, size) => product * size));
    });

    [Fact]
    public void TryParse_AnyText_IsRefusedOrReadExactly() =>
        Gen.OneOf(Gen.String, Gen.String["0123456789x vectorkensf-+., "], Gen.Select(_anyShape, Gen.Int[0, 30], Gen.Char, Damage)).Repeatable().Sample(text =>
        {
            if (InputShape.TryParse(text, out InputShape shape))
            {
                Assert.Equal(text, shape.ToString());
                Assert.True(shape.Length > 0);
            }
            else
            {
                Assert.Equal(default, shape);
            }
        }, iter: 5_000);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1x28")]
    [InlineData("1x28x28x1")]
    [InlineData("1x0x28")]
    [InlineData("1x-28x28")]
    [InlineData("01x28x28")]
    [InlineData("1x28x28 ")]
    [InlineData("1x4097x28")]
    [InlineData("300x4096x4096")]
    [InlineData("vector")]
    [InlineData("vector 0")]
    [InlineData("vector 16777217")]
    [InlineData("vector 4 of 5")]
    [InlineData("tokens 4")]
    [InlineData("tokens 4 in 5")]
    [InlineData("tokens 4 of 0")]
    [InlineData("tokens 4 of 99999999999")]
    [InlineData("Vector 4")]
    public void TryParse_Garbage_IsRefused(string? text) => Assert.False(InputShape.TryParse(text, out _));

    [Fact]
    public void ToImageShape_OfAVector_Throws() =>
        Assert.Contains("vector 3 is no image", Assert.Throws<InvalidOperationException>(() => InputShape.Vector(3).ToImageShape()).Message, StringComparison.Ordinal);

    private static string Damage(InputShape shape, int position, char replacement)
    {
        char[] text = shape.ToString().ToCharArray();
        text[position % text.Length] = replacement;
        return new string(text);
    }
}
