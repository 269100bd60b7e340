using CsCheck;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Tests.Episodes;

public sealed class MinibatchSamplerTests
{
    // 60 classes of 6 examples, of which one is for test.
    private const int TrainingExamples = 300;

    [Fact]
    public void Sample_AnyEpoch_HasEachTrainingExampleOnce() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 70], Gen.Int[1, 3]).Repeatable().Sample((batch, slice, epoch) =>
        {
            RunOptions options = Supervised(("batch_size", batch), ("slice", slice));
            IEpisodeSampler sampler = options.SamplerFor(TinyRun.Catalog);
            int iterations = options.Supervised!.IterationsOfEpoch(TrainingExamples);
            Episode[][] minibatches = [.. Enumerable.Range(1 + ((epoch - 1) * iterations), iterations).Select(iteration =>
                Enumerable.Range(0, sampler.EpisodesIn(iteration)).Select(index => sampler.Sample(SplitPart.Train, iteration, index)).ToArray())];
            Assert.All(minibatches[..^1], slices => Assert.Equal(batch, slices.Sum(one => one.Weight)));
            Assert.All(minibatches.SelectMany(slices => slices), one => Assert.InRange(one.Weight, 1, slice));
            Assert.Equal(options.SplitExamples(TinyRun.Catalog).Train.AsEnumerable(), Examples(minibatches.SelectMany(slices => slices)));
        });

    [Fact]
    public void Sample_AnotherEpochOrSeed_HasAnotherOrder()
    {
        IEpisodeSampler sampler = Supervised(("batch_size", 64)).SamplerFor(TinyRun.Catalog);
        IEpisodeSampler other = Supervised(("batch_size", 64), ("seed", 2)).SamplerFor(TinyRun.Catalog);
        // Five minibatches are an epoch.
        Episode first = sampler.Sample(SplitPart.Train, 1, 0);
        Assert.NotEqual(first, sampler.Sample(SplitPart.Train, 6, 0));
        Assert.NotEqual(first, other.Sample(SplitPart.Train, 1, 0));
        Assert.Equal(first, sampler.Sample(SplitPart.Train, 1, 0));
    }

    [Fact]
    public void Sample_Slice_NamesAllClassesInTheCatalogsOrder()
    {
        Episode slice = Supervised().SamplerFor(TinyRun.Catalog).Sample(SplitPart.Train, 1, 0);
        Assert.Equal(Enumerable.Range(0, 60), slice.Classes.Select(c => c.ClassIndex));
        Assert.True(slice.IsSlice);
        Assert.Equal(16, slice.Weight);
    }

    [Fact]
    public void EvaluationBlocks_AnyWanted_AreAllTestExamplesOnce()
    {
        MetaTraining training = TinyRun.Training(Supervised());
        IEnumerable<Episode> slices = training.EvaluationBlocks(SplitPart.Test, training.EpisodesOf(SplitPart.Test, 1)).SelectMany(block => block.Episodes);
        Assert.Equal(training.Options.SplitExamples(TinyRun.Catalog).Test.AsEnumerable(), Examples(slices));
    }

    [Fact]
    public void MetaTraining_Epochs_SayHowManyIterations()
    {
        MetaTraining training = TinyRun.Training(Supervised(("epochs", 3), ("batch_size", 64)));
        Assert.Equal(15, training.Options.Iterations);
        Assert.Equal(TrainingExamples, training.Data.TrainingExamples);
        Assert.Equal(60, training.Shape.Outputs(training.Options));
    }

    private static RunOptions Supervised(params (string, object?)[] given) =>
        OptionValues.Of([("dataset", "glyphs"), ("algorithm", "supervised"), ("model", "mlp"), ("hidden", "2"), .. given]).Resolve();

    private static IEnumerable<ExampleIndex> Examples(IEnumerable<Episode> slices) => slices
        .SelectMany(slice => slice.Classes.SelectMany(c => c.QueryExamples.Select(example => new ExampleIndex(c.ClassIndex, example))))
        .OrderBy(one => one.Class).ThenBy(one => one.Example);
}
