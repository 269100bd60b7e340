using CsCheck;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;

namespace MetaMap.Training.Tests.Aggregation;

public sealed class BlockNormsTests
{
    [Theory]
    [InlineData(5, 3f, 4f)]
    [InlineData(0, 0f)]
    [InlineData(10, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 9f, 3f, 1f, 1f)]
    public void Of_ClosedForm_IsTheLength(double expected, params float[] values) =>
        Assert.Equal(expected, new BlockNorms([(0, values.Length)]).Of(values), 1e-12);

    [Fact]
    public void Of_LargeFiniteValues_IsFinite() => Assert.Equal(3e38 * 3, new BlockNorms([(0, 9)]).Of([.. Enumerable.Repeat(3e38f, 9)]), 1e33);

    [Fact]
    public void Of_SeveralRanges_LeavesTheRestOut() => Assert.Equal(5, new BlockNorms([(0, 1), (2, 1)]).Of([3, 100, 4]), 1e-12);

    [Fact]
    public void Of_AnyLength_AgreesWithAddingOneByOne() => Gen.Float[-100, 100].Array[0, 40].Repeatable().Sample(values => Assert.Equal(
        Math.Sqrt(values.Sum(value => (double)value * value)), new BlockNorms([(0, values.Length)]).Of(values), 1e-9));

    [Fact]
    public void Within_AnyStretch_IsTheOverlap() => Assert.Equal(
        [(4, 1), (8, 2)], new BlockNorms([(0, 5), (8, 5)]).Within(4, 6));
}
