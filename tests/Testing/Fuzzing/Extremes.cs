using System.Globalization;
using CsCheck;

namespace MetaMap.Testing;

/// <summary>The values at the edges of what a field can hold.</summary>
internal static class Extremes
{
    public static readonly long[] Numbers =
    [
        0, 1, -1, 2, 7, 8, 127, 128, 254, 255, 256, -128, short.MaxValue, short.MinValue, ushort.MaxValue, 1 << 16, 1 << 24,
        100_000_000, 100_000_001, int.MaxValue, int.MinValue, int.MaxValue - 1, uint.MaxValue, 1L << 32, 1L << 40, 1L << 62,
        long.MaxValue, long.MinValue, long.MaxValue - 7,
    ];

    public static readonly double[] Reals =
    [
        0, -0.0, 1, -1, 0.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.MinValue, double.Epsilon, 1e-300, 1e300,
    ];

    /// <summary>Names of this project among them, so that texts are found to be right now and then; half surrogates and zero among the characters.</summary>
    public static readonly string[] Texts =
    [
        "", " ", "0", "-1", "2147483648", "1e999", "none", "null", "NaN", "maml", "protonet", "cavia", "maml++", "imaml", "feature-offset", "reptile",
        "mlp", "conv4", "conv4-stride", "resnet12", "hog-conv4", "text-cnn", "text-ngrams", "ratings-mlp", "glyphs", "sinusoid", "adam", "sgd", "official", "seeded", "class",
        "40,40", "1,1,1,1,1,1", "2147483647,2147483647", "../../etc/passwd", "a\0b", "\ud800", "\udc00\ud800", "größer ヒラガナ 😀", "\r\n", "{}", "[]", "\"",
    ];

    /// <summary>Any text without half surrogates: what UTF-8 carries unchanged.</summary>
    public static readonly Gen<string> Carried = Gen.OneOf(
        AnyOf(Texts).Where(text => !text.Any(char.IsSurrogate) || text.EnumerateRunes().All(rune => rune.Value != 0xfffd)),
        Gen.Char[' ', '\ud7ff'].Array[0, 40].Select(characters => new string(characters)),
        Gen.Int[250, 300].Select(length => new string('x', length)));

    /// <summary>Any text at all.</summary>
    public static readonly Gen<string> Text = Gen.OneOf(
        AnyOf(Texts), Carried, Gen.Char.Array[0, 20].Select(characters => new string(characters)),
        AnyOf(Numbers).Select(number => number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>One of the given values.</summary>
    public static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
