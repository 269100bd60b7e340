using System.Collections.Immutable;
using CsCheck;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Data.Glyphs;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Tests.Episodes;

public class EpisodeSamplerTests
{
    private static readonly EpisodeShape FiveWay = new(5, 1, 5);
    private static readonly DatasetCatalog Catalog = new GlyphDataset().Catalog;
    private static readonly ClassSplit Split = ClassSplitter.Split(Catalog, "seeded", 1);

    private static readonly Gen<(long Seed, SplitPart Part, int Iteration, int Index)> AnyKey =
        Gen.Select(Gen.Long, Gen.Enum<SplitPart>(), Gen.Int[0, 100_000], Gen.Int[0, 1000]);

    [Fact]
    public void Sample_SameKey_IsIdentical() =>
        AnyKey.Repeatable().Sample(key =>
        {
            EpisodeSampler first = Sampler(FiveWay, key.Seed);
            first.Sample(key.Part, key.Iteration + 1, key.Index);
            Assert.Equal(
                Sampler(FiveWay, key.Seed).Sample(key.Part, key.Iteration, key.Index),
                first.Sample(key.Part, key.Iteration, key.Index));
        });

    [Fact]
    public void Sample_OtherKey_Differs() =>
        AnyKey.Repeatable().Sample(key =>
        {
            EpisodeSampler sampler = Sampler(FiveWay, key.Seed);
            string classes = Text(sampler.Sample(key.Part, key.Iteration, key.Index));
            Assert.NotEqual(classes, Text(sampler.Sample(key.Part, key.Iteration + 1, key.Index)));
            Assert.NotEqual(classes, Text(sampler.Sample(key.Part, key.Iteration, key.Index + 1)));
            Assert.NotEqual(classes, Text(Sampler(FiveWay, key.Seed + 1).Sample(key.Part, key.Iteration, key.Index)));
        });

    [Theory]
    [InlineData(20, 20)]
    [InlineData(1_000_000, null)]
    public void Sample_TrainingWays_AreThoseOfTrainingAlone(int trainingWays, int? expected)
    {
        EpisodeSampler sampler = new(Catalog, Split, FiveWay, 1, rotateClasses: true, trainingWays: trainingWays);
        Assert.Equal(expected ?? Split.Train.Length, sampler.Sample(SplitPart.Train, 1, 0).Classes.Length);
        Assert.Equal(5, sampler.Sample(SplitPart.Train, 0, 0).Classes.Length);
        Assert.Equal(5, sampler.Sample(SplitPart.Validation, 100, 0).Classes.Length);
        Assert.Equal(5, sampler.Sample(SplitPart.Test, 0, 0).Classes.Length);
        Assert.Equal(Sampler(FiveWay, 1).Sample(SplitPart.Test, 0, 7), sampler.Sample(SplitPart.Test, 0, 7));
    }

    [Fact]
    public void Sample_AnyShape_HasDistinctClassesOfThePartAndDisjointSets() =>
        Gen.Select(AnyKey, Gen.Int[2, 50], Gen.Int[1, 10], Gen.Int[1, 10]).Repeatable().Sample((key, ways, shots, queries) =>
        {
            EpisodeSampler sampler = new(Catalog, Split, new EpisodeShape(ways, shots, queries), key.Seed, rotateClasses: true);
            Episode episode = sampler.Sample(key.Part, key.Iteration, key.Index);

            Assert.Equal(key.Index, episode.Index);
            Assert.Equal(ways, episode.Classes.Select(c => c.ClassIndex).Distinct().Count());
            Assert.All(episode.Classes, c =>
            {
                Assert.Contains(c.ClassIndex, Split[key.Part]);
                Assert.Equal((shots, queries), (c.SupportExamples.Length, c.QueryExamples.Length));
                int[] examples = [.. c.SupportExamples, .. c.QueryExamples];
                Assert.Equal(examples.Length, examples.Distinct().Count());
                Assert.All(examples, example => Assert.InRange(example, 0, 19));
                Assert.InRange(c.QuarterTurns, 0, 3);
            });
        });

    /// <summary>With as many ways as classes, the labels are a permutation of them, and each label goes to each class alike.</summary>
    [Fact]
    public void Sample_AllClasses_AreARandomPermutation()
    {
        ClassSplit split = new([0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12, 13, 14]);
        EpisodeSampler sampler = new(Catalog, split, FiveWay, 1, rotateClasses: true);
        int[,] classOfLabel = new int[5, 5];
        int[] turns = new int[4];
        const int Episodes = 4000;
        for (int index = 0; index < Episodes; index++)
        {
            ImmutableArray<EpisodeClass> classes = sampler.Sample(SplitPart.Train, 0, index).Classes;
            Assert.Equal(split.Train, classes.Select(c => c.ClassIndex).Order());
            for (int label = 0; label < 5; label++)
            {
                classOfLabel[label, classes[label].ClassIndex]++;
                turns[classes[label].QuarterTurns]++;
            }
        }

        // Six standard deviations around the mean: sqrt(4000 · 0.2 · 0.8) = 25 and sqrt(20000 · 0.25 · 0.75) = 61.
        Assert.All(classOfLabel.Cast<int>(), count => Assert.InRange(count, 650, 950));
        Assert.All(turns, count => Assert.InRange(count, 4630, 5370));
    }

    [Fact]
    public void Sample_WithoutRotation_TurnsNothing()
    {
        EpisodeSampler sampler = EpisodeSampler.For(OptionValues.None.Resolve(), Catalog);

        Assert.All(
            Enumerable.Range(0, 100).SelectMany(i => sampler.Sample(SplitPart.Test, 0, i).Classes),
            c => Assert.Equal(0, c.QuarterTurns));
    }

    /// <summary>If this fails, resumed runs and mixed clusters no longer give the same bits: do not just update the text.</summary>
    [Fact]
    public void Sample_PinnedEpisode_HasNotChanged()
    {
        DatasetCatalog omniglot = Catalog with { Name = "omniglot", RotatesClasses = true, SeededParts = new(1100, 100, 1623) };
        EpisodeSampler sampler = EpisodeSampler.For(OptionValues.Of(("seed", 42), ("shots", 2), ("queries", 3)).Resolve(), omniglot);

        Assert.Equal(
            [
                "57 r2 s10,8 q1,11,15",
                "1158 r1 s10,3 q12,18,11",
                "640 r1 s16,18 q7,9,2",
                "757 r1 s6,0 q7,2,19",
                "255 r2 s19,4 q18,7,9",
            ],
            Text(sampler.Sample(SplitPart.Train, 17, 3)).Split("; "));
    }

    [Fact]
    public void MetaBatch_AnyBlockSize_CoversTheMetaBatchInOrder() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Int[1, 40], Gen.Int[1, 50]).Repeatable().Sample((iteration, metaBatch, blockSize) =>
        {
            EpisodeSampler sampler = Sampler(FiveWay, 1);
            ImmutableArray<EpisodeBlock> blocks = sampler.Blocks(SplitPart.Train, iteration, 0, metaBatch, blockSize);

            Assert.Equal(Enumerable.Range(0, (metaBatch + blockSize - 1) / blockSize), blocks.Select(block => block.Index));
            Assert.All(blocks[..^1], block => Assert.Equal(blockSize, block.Episodes.Length));
            Assert.InRange(blocks[^1].Episodes.Length, 1, blockSize);
            Assert.Equal(
                Enumerable.Range(0, metaBatch).Select(index => sampler.Sample(SplitPart.Train, iteration, index)),
                blocks.SelectMany(block => block.Episodes));
        });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void MetaBatch_NotPositive_Throws(int metaBatch, int blockSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Sampler(FiveWay, 1).Blocks(SplitPart.Train, 0, 0, metaBatch, blockSize));

    private static EpisodeSampler Sampler(EpisodeShape shape, long seed) =>
        new(Catalog, Split, shape, seed, rotateClasses: true);

    private static string Text(Episode episode) => string.Join("; ", episode.Classes.Select(c =>
        $"{c.ClassIndex} r{c.QuarterTurns} s{string.Join(',', c.SupportExamples)} q{string.Join(',', c.QueryExamples)}"));
}
