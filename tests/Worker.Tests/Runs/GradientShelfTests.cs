using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Runs;

namespace MetaMap.Worker.Tests.Runs;

public sealed class GradientShelfTests
{
    private readonly BlobStore _blobs = new();
    private readonly GradientShelf _shelf;

    public GradientShelfTests()
    {
        _shelf = new GradientShelf(_blobs);
    }

    [Fact]
    public void Judged_OneOfTwoEqualGradients_TheOtherStays()
    {
        BlockAdapted first = Add(1, 0, content: 5);
        BlockAdapted second = Add(1, 1, content: 5);
        _shelf.Judged(Verdict(first));
        _shelf.Judged(Verdict(first));
        Assert.True(_blobs.TryGet(second.Gradient, out _));
        _shelf.Judged(Verdict(second));
        Assert.Equal((0, 0), (_blobs.Count, _shelf.Count));
    }

    [Fact]
    public void Reached_TwoIterationsLater_GradientsWithoutVerdictAreReleased()
    {
        Add(1, 0, 1);
        Add(2, 0, 2);
        Add(1, 0, 3, run: "other");
        _shelf.Reached(new RunId("run"), 2);
        Assert.Equal(3, _blobs.Count);
        _shelf.Reached(new RunId("run"), 3);
        Assert.Equal((2, 2), (_blobs.Count, _shelf.Count));
    }

    [Fact]
    public void Closed_TheRunsGradients_AreReleased()
    {
        Add(1, 0, 1);
        Add(7, 3, 2);
        Add(1, 0, 3, run: "other");
        _shelf.Closed(new RunId("run"));
        Assert.Equal((1, 1), (_blobs.Count, _shelf.Count));
    }

    private static BlockJudged Verdict(BlockAdapted result) => new(result.RunId, result.Iteration, result.BlockIndex, result.Gradient, "Counted");

    private BlockAdapted Add(int iteration, int block, byte content, string run = "run")
    {
        var result = new BlockAdapted(new RunId(run), iteration, block, 1, new WorkerId("w"), default, "", [], _blobs.Put(new[] { content }), "");
        _shelf.Add(result);
        return result;
    }
}
