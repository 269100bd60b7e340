using MetaMap.Coordinator.Runs;
using MetaMap.Core;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data.Glyphs;
using MetaMap.Core.Training;

namespace MetaMap.Coordinator.Tests.Runs;

public sealed class RunFramesTests
{
    [Fact]
    public void RequireFit_BlockThatNoMessageCarries_IsRefusedWithASentence()
    {
        RunOptions options = new() { Ways = 20, Shots = 5, Queries = 10, MetaBatch = 200, Block = 100 };
        string reason = Assert.Throws<ConfigurationException>(() => RunFrames.RequireFit(Training(options))).Message;
        Assert.StartsWith("A block of 100 episodes of 20-way 5-shot", reason, StringComparison.Ordinal);
        Assert.EndsWith("take a smaller --block, or fewer --ways, --shots or --queries.", reason, StringComparison.Ordinal);
        RunFrames.RequireFit(Training(options with { Block = 50 }));
    }

    private static MetaTraining Training(RunOptions options) => new("run", options, new GlyphDataset().Catalog);
}
