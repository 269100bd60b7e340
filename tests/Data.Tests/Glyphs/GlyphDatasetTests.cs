using CsCheck;
using MetaMap.Data.Glyphs;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Glyphs;

public class GlyphDatasetTests
{
    private static readonly Gen<int> AnyClass = Gen.Int[0, GlyphDataset.ClassCount - 1];
    private static readonly Gen<int> AnyExample = Gen.Int[0, GlyphDataset.ExamplesPerClass - 1];

    [Fact]
    public void Catalog_OfGlyphs_HasClassesAndExamples()
    {
        DatasetCatalog catalog = new GlyphDataset().Catalog;

        Assert.Equal("glyphs", catalog.Name);
        Assert.Equal(new ImageShape(1, 28, 28), catalog.Input);
        Assert.Equal(1200, catalog.Classes.Select(item => item.Name).Distinct().Count());
        Assert.All(catalog.Classes, item => Assert.Equal(20, item.ExampleCount));
        Assert.Equal(64, catalog.Digest.Length);
    }

    /// <summary>When this fails on purpose, count up the recipe in GlyphDataset too: nodes compare its digest.</summary>
    [Theory]
    [InlineData(0, "006fca0269eb8877")]
    [InlineData(1199, "da6bfad6c138bbb9")]
    public void CopyInput_PinnedClasses_HaveNotChanged(int classIndex, string checksum) =>
        Assert.Equal(checksum, new GlyphDataset().ClassChecksum(classIndex));

    [Fact]
    public void CopyInput_AnyImage_HasInkOnAnEmptyGround()
    {
        GlyphDataset dataset = new();
        Gen.Select(AnyClass, AnyExample).Repeatable().Sample((classIndex, example) =>
        {
            float[] image = dataset.Image(classIndex, example);
            Assert.All(image, value => Assert.InRange(value, 0f, 1f));
            Assert.Contains(image, value => value > 0.95f);
            Assert.InRange(image.Average(), 0.02f, 0.5f);
        });
    }

    [Fact]
    public void CopyInput_TwoExamples_Differ()
    {
        GlyphDataset dataset = new();
        Gen.Select(AnyClass, AnyExample, AnyExample).Where((_, one, other) => one != other).Repeatable().Sample((classIndex, one, other) =>
            Assert.NotEqual(dataset.Image(classIndex, one), dataset.Image(classIndex, other)));
    }

    [Fact]
    public void CopyInput_FromManyThreads_EqualsOneThread()
    {
        GlyphDataset shared = new();
        string[] together = new string[64];
        Parallel.For(0, together.Length, i => together[i] = shared.ClassChecksum(i % 8));

        GlyphDataset alone = new();
        Assert.Equal(Enumerable.Range(0, together.Length).Select(i => alone.ClassChecksum(i % 8)), together);
    }

    /// <summary>Not trivial, but learnable: the nearest picture is right more often than chance (20%), and often wrong.</summary>
    [Fact]
    public void CopyInput_NearestPicture_IsBetweenChanceAndCertainty()
    {
        GlyphDataset dataset = new();
        int right = 0;
        const int Trials = 1000;
        for (int i = 0; i < Trials; i++)
        {
            int[] classes = [.. Enumerable.Range(0, 5).Select(way => (i + 211 * way) % GlyphDataset.ClassCount)];
            float[] query = dataset.Image(classes[0], 1);
            int nearest = classes.MaxBy(classIndex => Cosine(query, dataset.Image(classIndex, 0)));
            right += nearest == classes[0] ? 1 : 0;
        }

        Assert.InRange(right / (double)Trials, 0.45, 0.75);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(20)]
    public void CopyInput_NoSuchExample_Throws(int example) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new GlyphDataset().Image(0, example));

    private static double Cosine(float[] a, float[] b)
    {
        double dot = a.Zip(b, (x, y) => (double)x * y).Sum();
        return dot / Math.Sqrt(b.Sum(y => (double)y * y));
    }
}
