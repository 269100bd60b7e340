using MetaMap.Core.Options;
using MetaMap.Testing;
using Xunit.Abstractions;

namespace MetaMap.Learning.Tests.StandIns;

/// <summary>Defaults against the best of the baselines, on data with the statistics of real ones.</summary>
[Trait("Category", "Slow")]
public sealed class StandInTests(ITestOutputHelper output) : IDisposable
{
    private static readonly OptionValues _table = OptionValues.Of(("dataset", "csv"), ("task_column", "task"), ("target_column", "y"));

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0.3, 0.97)]
    [InlineData(0, 1)]
    public void Train_MovieRatings_BeatsOrEqualsTheBestBaseline(double tasteVariance, double atMost)
    {
        MovieRatings.Write(_folder["u.data"], tasteVariance, seed: 1);
        AssertBeats(OptionValues.Of(("dataset", "ratings")), _folder["u.data"], atMost);
    }

    [Theory]
    [InlineData(0, 1.01)]
    [InlineData(0.3, 0.97)]
    public void Train_Schools_BeatsOrEqualsTheBestBaseline(double slopeDeviation, double atMost)
    {
        Tables.WriteSchools(_folder["schools.csv"], slopeDeviation, seed: 1);
        AssertBeats(_table, _folder["schools.csv"], atMost);
    }

    [Fact]
    public void Train_Devices_BeatsRidgeOnTheSupport()
    {
        Tables.WriteDevices(_folder["devices.csv"], seed: 1);
        AssertBeats(_table, _folder["devices.csv"], 0.97);
    }

    [Fact]
    public void Train_Doses_FindsWhatNoLinearModelKnows()
    {
        Tables.WriteDoses(_folder["doses.csv"], seed: 1);
        AssertBeats(_table, _folder["doses.csv"], 0.6, iterations: 300);
    }

    private void AssertBeats(OptionValues given, string data, double atMost, int iterations = 100)
    {
        var comparison = Comparison.Of(given.With(("iterations", iterations)), data);
        output.WriteLine($"{comparison}");
        Assert.True(comparison.Product <= atMost * comparison.Best, $"{comparison}");
    }
}
