using MetaMap.Data.Sinusoid;
using MetaMap.Training.Episodes;

namespace MetaMap.Data.Tests.Sinusoid;

public sealed class SinusoidDatasetTests
{
    private static readonly SinusoidDataset _dataset = new();

    [Fact]
    public void Catalog_Curves_AreRegressionTasks()
    {
        DatasetCatalog catalog = _dataset.Catalog;
        Assert.Equal((12_000, InputShape.Vector(1), 1), (catalog.Classes.Length, catalog.Input, catalog.TargetLength));
        Assert.All(catalog.Classes, item => Assert.Equal(1_000, item.ExampleCount));
        ClassSplit split = ClassSplitter.Split(catalog, "seeded", 3);
        Assert.Equal((10_000, 1_000, 1_000), (split.Train.Length, split.Validation.Length, split.Test.Length));
    }

    [Fact]
    public void CopyTarget_EveryPoint_LiesOnItsCurve()
    {
        foreach (int curve in new[] { 0, 1, 77, 11_999 })
        {
            (double amplitude, double phase) = SinusoidDataset.Curve(curve);
            for (int point = 0; point < 1_000; point += 37)
            {
                (float x, float y) = Point(curve, point);
                Assert.InRange(x, -5, 5);
                Assert.Equal(amplitude * Math.Sin(x - phase), y, 1e-6);
            }
        }
    }

    [Fact]
    public void Curve_AllCurves_FillTheirRanges()
    {
        (double Amplitude, double Phase)[] curves = [.. Enumerable.Range(0, SinusoidDataset.CurveCount).Select(SinusoidDataset.Curve)];
        Assert.InRange(curves.Min(curve => curve.Amplitude), 0.1, 0.11);
        Assert.InRange(curves.Max(curve => curve.Amplitude), 4.99, 5);
        Assert.InRange(curves.Average(curve => curve.Amplitude), 2.5, 2.6);
        Assert.InRange(curves.Min(curve => curve.Phase), 0, 0.01);
        Assert.InRange(curves.Max(curve => curve.Phase), Math.PI - 0.01, Math.PI);
    }

    /// <summary>When this fails on purpose, count up the recipe in SinusoidDataset too: nodes compare its digest.</summary>
    [Fact]
    public void CopyInput_PinnedPoints_HaveNotChanged() =>
        Assert.Equal([(-3.12786674f, 0.900124252f), (-3.77692223f, 1.19883382f)], [Point(0, 0), Point(11_999, 999)]);

    [Fact]
    public void Load_AnEpisode_HasValuesAndNoLabels()
    {
        EpisodeSampler sampler = new(_dataset.Catalog, ClassSplitter.Split(_dataset.Catalog, null, 1), new EpisodeShape(1, 5, 10), 1, rotateClasses: false);
        Episode episode = sampler.Sample(SplitPart.Train, 1, 0);
        EpisodeExamples examples = EpisodeExamples.Load(_dataset, episode);
        Assert.Equal((1, 5, 5, 0), (examples.TargetLength, examples.Support.Inputs.Length, examples.Support.Values.Length, examples.Support.Labels.Length));
        (float x, float y) = Point(episode.Classes[0].ClassIndex, episode.Classes[0].QueryExamples[9]);
        Assert.Equal((x, y), (examples.Query.Inputs[9], examples.Query.Values[9]));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(12_000, 0)]
    [InlineData(0, 1_000)]
    public void CopyInput_NoSuchPoint_Throws(int curve, int point) => Assert.Throws<ArgumentOutOfRangeException>(() => Point(curve, point));

    private static (float X, float Y) Point(int curve, int point)
    {
        float[] x = new float[1];
        float[] y = new float[1];
        _dataset.CopyInput(curve, point, 0, x);
        _dataset.CopyTarget(curve, point, y);
        return (x[0], y[0]);
    }
}
