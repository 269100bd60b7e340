using MetaMap.Coordinator.Runs;
using MetaMap.Core.Rounds;
using MetaMap.Core.Tests.Training;
using MetaMap.Core.Training;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Tests.Runs;

public sealed class GradientIntakeTests
{
    private static readonly MetaTraining _training = TinyRun.Training();

    private readonly List<string> _fetched = [];
    private readonly List<string> _told = [];
    private readonly BlobStore _blobs = new();
    private readonly GradientIntake _intake;
    private readonly byte[] _gradient;
    private RunProgress _progress = RunProgress.From(_training, _training.Begin(), LeasePolicy.Default).Offer(new WorkerId("a"), 1).Assign(TimeSpan.Zero).Next;

    public GradientIntakeTests()
    {
        _intake = new GradientIntake(
            _blobs, result => _fetched.Add(result.GradientHolder), (result, verdict, _) => _told.Add($"{result.WorkerId} {verdict}"), () => TimeSpan.Zero);
        _gradient = FakeEpisodeLearner.Compute(_progress.State.Parameters, _progress.Round.Blocks[0].Block).GradientSum.Bytes.ToArray();
    }

    [Fact]
    public void Received_GradientOfThisNode_IsCountedWithoutAFetch()
    {
        _blobs.Put(_gradient);
        _progress = _intake.Received(_progress, Result("a"));
        Assert.NotNull(_progress.Round.Blocks[0].Result);
        Assert.Empty(_fetched);
        Assert.Equal(["a Counted"], _told);
    }

    [Fact]
    public void Received_SameGradientFromTwoWorkers_IsFetchedFromEitherAndCountedOnce()
    {
        _progress = _intake.Received(_intake.Received(_progress, Result("a")), Result("b"));
        Assert.Equal(["holder of a", "holder of b"], _fetched);
        Assert.Empty(_told);
        _progress = _intake.Fetched(_progress, new BlobFetched(Result("a").Gradient, _gradient));
        Assert.Equal(["a Counted", "b Duplicate"], _told);
        Assert.Same(_progress, _intake.Fetched(_progress, new BlobFetched(Result("a").Gradient, _gradient)));
    }

    [Fact]
    public void Received_SameGradientAfterAVote_IsNotFetchedAgain()
    {
        _progress = RunProgress.From(_training, _training.Begin(), LeasePolicy.Default, new RunPolicy(1, 1, 1))
            .Offer(new WorkerId("a"), 1).Offer(new WorkerId("b"), 1).Assign(TimeSpan.Zero).Next;
        _progress = _intake.Received(_progress, Result("a"));
        _progress = _intake.Fetched(_progress, new BlobFetched(Result("a").Gradient, _gradient));
        Assert.Equal(["a Unconfirmed"], _told);
        _progress = _intake.Received(_progress, Result("b") with { Attempt = 2 });
        Assert.Equal(["a Unconfirmed", "b Counted"], _told);
        Assert.Equal(["holder of a"], _fetched);
        Assert.True(_progress.Round.Blocks[0].IsConfirmed);
    }

    [Fact]
    public void Missed_NoHolderHasIt_EveryWorkerHearsOfItsOwnResult()
    {
        _progress = _intake.Received(_intake.Received(_progress, Result("a")), Result("b"));
        _progress = _intake.Missed(_progress, new BlobFetchFailed(Result("a").Gradient, "gone"));
        Assert.Equal(["a Unavailable", "b Unavailable"], _told);
        Assert.Equal("the gradient of block 0 from worker b: gone", _progress.LastRefusal);
    }

    [Fact]
    public void Missed_LastHolder_AResultIsFetchedAnew()
    {
        _progress = _intake.Received(_progress, Result("a"));
        _progress = _intake.Missed(_progress, new BlobFetchFailed(Result("a").Gradient, "gone"));
        Assert.Same(_progress, _intake.Missed(_progress, new BlobFetchFailed(Result("a").Gradient, "gone")));
        _progress = _intake.Received(_progress, Result("a"));
        Assert.Equal(["holder of a", "holder of a"], _fetched);
    }

    [Fact]
    public void Received_ResultThatCannotCount_IsNotFetched()
    {
        _progress = _intake.Received(_progress, Result("a") with { Iteration = 9 });
        _progress = _intake.Received(_progress, Result("a") with { Gradient = new BlobId("00", 3) });
        Assert.Empty(_fetched);
        Assert.Equal(["a Future", "a WrongLayout"], _told);
    }

    private BlockAdapted Result(string worker) => new(
        new RunId("tiny-run"), 1, 0, 1, new WorkerId(worker), BlobStore.IdOf(_progress.State.Parameters.Bytes), _training.Layout.Digest,
        [.. _progress.Round.Blocks[0].Block.Episodes.Select(_ => new EpisodeMetrics(1, 1))], BlobStore.IdOf(_gradient), $"holder of {worker}");
}
