using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Data.Glyphs;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Tests.Episodes;

public class EpisodeExamplesTests
{
    private static readonly GlyphDataset Glyphs = new();

    [Fact]
    public void Load_AnEpisode_IsClassMajorWithItsLabels()
    {
        RunOptions options = OptionValues.Of(("ways", 3), ("shots", 2), ("queries", 4)).Resolve();
        EpisodeExamples images = EpisodeExamples.Load(
            Glyphs, EpisodeSampler.For(options, Glyphs.Catalog).Sample(SplitPart.Train, 0, 0));

        Assert.Equal(3 * 2 * 784, images.Support.Inputs.Length);
        Assert.Equal(3 * 4 * 784, images.Query.Inputs.Length);
        Assert.Equal([0, 0, 1, 1, 2, 2], images.Support.Labels);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], images.Query.Labels);
    }

    [Fact]
    public void Load_EachImage_IsTheDatasetsTurnedWithItsClass()
    {
        Episode episode = new(0, [new EpisodeClass(30, 1, [3, 4], [5]), new EpisodeClass(20, 2, [7, 6], [8])]);

        EpisodeExamples images = EpisodeExamples.Load(Glyphs, episode);

        float[][] support = [Glyphs.Image(30, 3, 1), Glyphs.Image(30, 4, 1), Glyphs.Image(20, 7, 2), Glyphs.Image(20, 6, 2)];
        Assert.Equal(support.SelectMany(image => image), images.Support.Inputs);
        float[][] query = [Glyphs.Image(30, 5, 1), Glyphs.Image(20, 8, 2)];
        Assert.Equal(query.SelectMany(image => image), images.Query.Inputs);
    }

    [Fact]
    public void LoadForTraining_WithoutAugmentation_IsTheEpisode()
    {
        Episode episode = new(0, [new EpisodeClass(30, 1, [3, 4], [5]), new EpisodeClass(20, 2, [7, 6], [8])]);
        Assert.Equal(EpisodeExamples.Load(Glyphs, episode), EpisodeExamples.LoadForTraining(Glyphs, episode, OptionValues.None.Resolve(), iteration: 1));
    }

    [Fact]
    public void LoadForTraining_Augmented_IsAFunctionOfSeedIterationEpisodeAndExample()
    {
        RunOptions options = OptionValues.Of(("augment", "crop,rotate")).Resolve();
        // The same image everywhere.
        Episode episode = new(4, [new EpisodeClass(30, 0, [3, 3], [3]), new EpisodeClass(30, 0, [3, 3], [3])]);
        EpisodeExamples Load(RunOptions run, int iteration, int index) => EpisodeExamples.LoadForTraining(Glyphs, episode with { Index = index }, run, iteration);

        EpisodeExamples first = Load(options, 1, 4);
        Assert.Equal(first, Load(options, 1, 4));
        Assert.Equal(first, Load(OptionValues.Of(("augment", "crop,rotate"), ("meta_batch", 2), ("model", "cnn")).Resolve(), 1, 4));
        EpisodeExamples[] others = [first, Load(options, 2, 4), Load(options, 1, 5), Load(options.With(("seed", 2)), 1, 4)];
        float[][] images = [.. others.SelectMany(examples => examples.Support.Inputs.Chunk(784).Concat(examples.Query.Inputs.Chunk(784)))];
        Assert.Equal(24, images.Length);
        Assert.Equal(24, images.Select(image => string.Join(' ', image)).Distinct().Count());
    }

    [Fact]
    public void Load_Twice_IsEqual()
    {
        EpisodeSampler sampler = EpisodeSampler.For(OptionValues.None.Resolve(), Glyphs.Catalog);
        EpisodeExamples first = EpisodeExamples.Load(Glyphs, sampler.Sample(SplitPart.Train, 0, 0));

        Assert.Equal(first, EpisodeExamples.Load(Glyphs, sampler.Sample(SplitPart.Train, 0, 0)));
        Assert.NotEqual(first, EpisodeExamples.Load(Glyphs, sampler.Sample(SplitPart.Train, 0, 1)));
    }
}
