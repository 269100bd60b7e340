using System.Numerics.Tensors;
using CsCheck;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Tests.Aggregation;

/// <summary>What holds for every way to aggregate.</summary>
public sealed class AggregationsTests
{
    private static readonly Gen<float> _value = Gen.Select(Gen.Double[-3, 3], Gen.Int[-5, 5], (value, magnitude) => (float)(value * Math.Pow(10, magnitude)));
    private static readonly Gen<float[][]> _gradients = Gen.Select(Gen.Int[1, 20], Gen.Int[1, 9]).SelectMany(
        (blocks, length) => _value.Array[length].Array[blocks]);

    public static TheoryData<string> Names { get; } = [.. Aggregations.All.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Aggregate_EqualBlocks_IsTheBlock(string name) => Gen.Select(_value, Gen.Int[1, 9]).Repeatable().Sample((value, blocks) =>
        Assert.Equal(value, Create(name).Column([.. Enumerable.Repeat(value, blocks)]), Math.Abs(value) * 1e-6f));

    [Theory]
    [MemberData(nameof(Names))]
    public void Aggregate_ByChunks_HasTheBitsOfTheWholeAtOnce(string name)
    {
        int length = 200_003;
        WeighedBlock[] blocks = [.. Enumerable.Range(0, 5).Select(block => Blocks.Of(
            [.. Enumerable.Range(0, length).Select(i => MathF.Sin(i * 0.37f + block) * (1 + i % 7))], 3))];
        float[] whole = new float[length];
        Create(name).Aggregate(blocks, 0, whole);
        Assert.Equal(whole, Create(name).Aggregate(blocks));
    }

    [Theory]
    [InlineData("median")]
    [InlineData("trimmed-mean")]
    public void Aggregate_BlocksInAnyOrder_GivesTheSameBits(string name) => Gen.Select(_gradients, Gen.Int[0, 1 << 20]).Repeatable().Sample((gradients, seed) =>
    {
        float[][] shuffled = [.. gradients];
        new Random(seed).Shuffle(shuffled);
        Assert.Equal(Create(name).Aggregate(Blocks.Of(gradients)), Create(name).Aggregate(Blocks.Of(shuffled)));
    });

    [Fact]
    public void Mean_AnyBlocks_HasTheBitsOfTheSumInBlockOrderOverTheEpisodes() => Gen.Select(_gradients, Gen.Int[1, 4]).Repeatable().Sample((gradients, episodes) =>
    {
        float[] sum = new float[gradients[0].Length];
        foreach (float[] gradient in gradients)
        {
            TensorPrimitives.Add(sum, gradient, sum);
        }

        TensorPrimitives.Divide(sum, gradients.Length * episodes, sum);
        Assert.Equal(sum, new MeanAggregation().Aggregate([.. gradients.Select(gradient => Blocks.Of(gradient, episodes))]));
    });

    // At full size, so that a chunk too many or a row too few would show: the middle of five shifted copies is the third.
    [Fact]
    [Trait("Category", "Slow")]
    public void Aggregate_TwentyFiveMillionParameters_StaysWithinItsChunks()
    {
        const int length = 25_000_000;
        float[] third = new float[length];
        for (int i = 0; i < length; i++)
        {
            third[i] = i % 1000;
        }

        WeighedBlock[] blocks = [.. Enumerable.Range(0, 5).Select(block =>
        {
            float[] shifted = new float[length];
            TensorPrimitives.Add<float>(third, (block * 3) % 5 - 2, shifted);
            return Blocks.Of(shifted, 1);
        })];
        long before = GC.GetAllocatedBytesForCurrentThread();
        float[] median = Create("median").Aggregate(blocks);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(third, median);
        Assert.InRange(allocated, 4L * length, 4L * length + 8_000_000);
    }

    [Theory]
    [InlineData("--trim is 0.5, but it must be below 0.5.", "trimmed-mean", 0.5, 16)]
    [InlineData("--trim is 0, but it must be a finite number above 0.", "trimmed-mean", 0.0, 16)]
    [InlineData("--trim 0.1 drops 1 of 2 blocks at each end, so that none is left; take a larger --meta-batch or a smaller --block.", "trimmed-mean", 0.1, 8)]
    [InlineData("--trim is given, but none of glyphs, maml, conv4-stride, adam, sgd, median reads it; leave it out.", "median", 0.1, 16)]
    [InlineData("There is no aggregation 'vote'; choose one of mean, median, trimmed-mean.", "vote", null, 16)]
    public void Resolve_TrimThatCannotBe_IsRefusedInOneSentence(string sentence, string aggregation, double? trim, int metaBatch) =>
        Assert.Equal(sentence, Assert.Throws<ConfigurationException>(() =>
            OptionValues.Of(("aggregation", aggregation), ("trim", trim), ("meta_batch", metaBatch)).Resolve()).Message);

    [Theory]
    [InlineData("--outlier-factor is 1, but it must be a finite number above 1.", 1.0, null)]
    [InlineData("--outlier-factor is NaN, but it must be a finite number above 1.", double.NaN, null)]
    [InlineData("--block-clip is 0, but it must be a finite number above 0.", null, 0.0)]
    public void Resolve_FactorOrClipOutOfRange_IsRefusedInOneSentence(string sentence, double? factor, double? clip) =>
        Assert.Equal(sentence, Assert.Throws<ConfigurationException>(() => OptionValues.Of(("outlier_factor", factor), ("block_clip", clip)).Resolve()).Message);

    [Fact]
    public void Resolve_TrimmedMeanLeftOpen_TrimsATenth() => Assert.Equal(0.1, OptionValues.Of(("aggregation", "trimmed-mean")).Resolve().Of<TrimOptions>().Trim);

    private static IBlockAggregation Create(string name) => Aggregations.All[name].Create(
        name == "trimmed-mean" ? new TrimOptions { Trim = 0.2 } : new NoOptions());
}
