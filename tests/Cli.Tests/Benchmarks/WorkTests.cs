using MetaMap.Cli.Benchmarks;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Tests.Benchmarks;

public sealed class WorkTests
{
    [Theory]
    [InlineData("A", "conv4", 64, 5, 15, "1x28x28")]
    [InlineData("B", "conv4-stride", 64, 1, 1, "1x28x28")]
    [InlineData("M", "conv4", 32, 5, 15, "3x84x84")]
    public void Options_OfEachWork_AreThoseThatItIsKnownBy(string name, string model, int filters, int innerSteps, int queries, string image)
    {
        RunOptions options = Assert.Single(Work.Read([name])).Options(RunOptions.Batched, 32);
        Assert.Equal(
            ("maml", model, filters, innerSteps, new EpisodeShape(5, 1, queries), image),
            (options.Algorithm, options.Model, options.Of<Conv4Options>().Filters, options.Of<InnerLoopOptions>().InnerSteps, options.EpisodeShape, $"{options.OpenDataset(null).Catalog.Input}"));
        Assert.Equal((RunOptions.Batched, 32, 128), (options.Batching, options.Block, options.MetaBatch));
        Assert.Equal(RunOptions.Unbatched, Work.Read([name])[0].Options(RunOptions.Unbatched, 4).Batching);
    }

    [Fact]
    public void Read_RepeatedAndListed_GivesEachOnceInOrder() => Assert.Equal("BMA", string.Concat(Work.Read(["B", "M,B", "A"]).Select(work => work.Name)));

    [Fact]
    public void Read_UnknownWork_NamesTheChoices() =>
        Assert.Equal("There is no work 'C'; choose among A, B, M.", Assert.Throws<ConfigurationException>(() => Work.Read(["A,C"])).Message);
}
