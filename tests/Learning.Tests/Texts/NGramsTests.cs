using MetaMap.Learning.Models;

namespace MetaMap.Learning.Tests.Texts;

public sealed class NGramsTests
{
    // So many that few of a handful share one.
    private const int Buckets = 1 << 24;

    [Theory]
    [InlineData("abcd", 3 + 2 + 1)]
    [InlineData("ab", 1)]
    [InlineData("a", 1)]
    [InlineData("", 0)]
    [InlineData("银行", 2 + 1)]
    [InlineData("开银行卡", 4 + 3)]
    [InlineData("ab银", 1 + 1 + 1)]
    [InlineData("かな한", 3 + 2)]
    [InlineData("Дом", 2 + 1)]
    public void BucketsOf_Text_AreItsNGrams(string text, int count)
    {
        int[] buckets = [.. NGrams.BucketsOf(Tokens(text, 8), Buckets)];
        Assert.Equal(count, buckets.Length);
        Assert.Equal(count, buckets.Distinct().Count());
    }

    [Fact]
    public void BucketsOf_AnyPadding_AreTheSame() =>
        Assert.Equal(NGrams.BucketsOf(Tokens("my card", 7), Buckets), NGrams.BucketsOf(Tokens("my card", 30), Buckets));

    [Fact]
    public void BucketsOf_OtherCase_AreTheSame() =>
        Assert.Equal(NGrams.BucketsOf(Tokens("my card @[`{", 12), Buckets), NGrams.BucketsOf(Tokens("MY Card @[`{", 12), Buckets));

    [Fact]
    public void BucketsOf_OtherOrder_AreOthers() =>
        Assert.Empty(NGrams.BucketsOf(Tokens("abc", 3), Buckets).Intersect(NGrams.BucketsOf(Tokens("cba", 3), Buckets)));

    /// <summary>Pins the hash: another one would make noise of every stored model.</summary>
    [Fact]
    public void BucketsOf_AText_HasTheGoldenBuckets() => Assert.Equal([7283, 2623, 417], NGrams.BucketsOf(Tokens("abc", 3), 16_384));

    private static float[] Tokens(string text, int length)
    {
        float[] tokens = new float[length];
        text.EnumerateRunes().Select(rune => rune.Value + 1f).ToArray().CopyTo(tokens, 0);
        return tokens;
    }
}
