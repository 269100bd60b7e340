using MetaMap.Training.Baselines;

namespace MetaMap.Training.Tests.Baselines;

public class ShrinkageTests
{
    /// <summary>Balanced groups: mean squares 2 within and 25 between, so the offsets have the variance (25 - 2) / 2.</summary>
    [Fact]
    public void Of_TwoGroupsOfTwo_IsTheRatioOfTheVariances() => Assert.Equal(2 / 11.5, Shrinkage.Of([[1, 3], [6, 8]]), 12);

    [Fact]
    public void Of_GroupsThatDoNotDiffer_IsInfinite() => Assert.Equal(double.PositiveInfinity, Shrinkage.Of([[-1, 1], [-2, 2]]));

    [Fact]
    public void Of_OneGroupOrSinglesOnly_IsInfinite()
    {
        Assert.Equal(double.PositiveInfinity, Shrinkage.Of([[1, 2, 3]]));
        Assert.Equal(double.PositiveInfinity, Shrinkage.Of([[1], [2], []]));
    }

    [Fact]
    public void Offset_OfASupportSet_IsItsMeanPulledTowardsZero()
    {
        Assert.Equal(3.0 / 5, Shrinkage.Offset(3, 3, 2));
        Assert.Equal(0, Shrinkage.Offset(3, 3, double.PositiveInfinity));
        Assert.Equal(0, Shrinkage.Offset(0, 0, 0));
    }
}
