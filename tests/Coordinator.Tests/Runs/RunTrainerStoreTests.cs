using Akka.Actor;
using Akka.TestKit;
using MetaMap.Coordinator.Runs;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Data;
using MetaMap.Data.Glyphs;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Episodes;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs;

/// <summary>A trainer whose store or data is slow: it waits for neither on its own thread.</summary>
public sealed class RunTrainerStoreTests : RunEntityKit
{
    [Fact]
    public async Task Renewal_ThatIsSlow_IsNotFollowedByAnotherWhenTheJournalIsFlushed()
    {
        int renewals = 0;
        TaskCompletionSource held = new();
        using SemaphoreSlim flushed = new(0);
        FakeHold hold = new()
        {
            Renewal = () =>
            {
                Interlocked.Increment(ref renewals);
                return held.Task;
            },
            Flushed = () => flushed.Release(),
        };
        IActorRef trainer = Trainer(CreateTestProbe(), hold, new GlyphDataset());
        // Each tick flushes what there is, then renews: the second flush comes after the first renewal, the third after what the second tick did.
        for (int tick = 0; tick < 3; tick++)
        {
            Probe(trainer, $"worker-{tick}", 1);
            Assert.True(await flushed.WaitAsync(TestTime.Limit));
        }

        Assert.Equal(1, Volatile.Read(ref renewals));
        held.SetResult();
    }

    [Fact]
    public async Task Diverged_EpisodeIsSlowToRead_TheTrainerAnswersMeanwhileAndEndsWithTheReason()
    {
        using SlowDataset dataset = new();
        TestProbe parent = CreateTestProbe();
        IActorRef trainer = Trainer(parent, new FakeHold(), dataset);
        Work(trainer, 2, FakeWorker.NotANumber);
        await dataset.Asked.WaitAsync(TestTime.Limit);
        Assert.Equal(trainer, (await trainer.Ask<ActorIdentity>(new Identify(1), TestTime.Limit)).Subject);
        Assert.Equal(RunStatus.Training, Board.Find(new RunId(Name))!.Status);
        dataset.GoOn();
        Assert.Equal(new TrainingEnded(RunStatus.Failed, 0), parent.ExpectMsg<TrainingEnded>(TestTime.Limit));
        string problem = (await End()).Problem!;
        Assert.StartsWith("Run test-run diverged at iteration 1: only 0 of ", problem, StringComparison.Ordinal);
        Assert.EndsWith($" The episode is in {Assert.Single(Directory.GetFiles(Folder[$"{Name}/diverged"]))}.", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradient_OfThisNode_IsCountedWithoutAFetch()
    {
        IActorRef trainer = Trainer(CreateTestProbe(), new FakeHold(), new GlyphDataset());
        TestProbe worker = Probe(trainer, "worker", 1);
        BlockLeased lease = worker.ExpectMsg<BlockLeased>(TestTime.Limit);
        BlockGradient result = FakeEpisodeLearner.Compute(Training.Begin().Parameters, lease.Block);
        BlobId gradient = Blobs.Put(result.GradientSum.Bytes.ToArray());
        trainer.Tell(new BlockAdapted(lease.Lease, new WorkerId("worker"), lease.Parameters, Training.Layout.Digest, result.Episodes, gradient, "akka://nowhere/user/blobs"));
        Assert.Equal(new BlockJudged(lease.Lease, gradient, BlockVerdict.Counted), worker.FishForMessage<BlockJudged>(_ => true, TestTime.Limit));
    }

    private IActorRef Trainer(TestProbe parent, FakeHold hold, IEpisodeDataset dataset)
    {
        RunServices services = Services();
        PreparedRun run = new(Training, hold, RunPolicy.Default, dataset, new RunDirectory(Folder[Name]));
        Action begun = () => { };
        return parent.ChildActorOf(Props.Create(() => new RunTrainer(services, run, begun)));
    }

    /// <summary>Glyphs that nobody can read until they may.</summary>
    private sealed class SlowDataset : IEpisodeDataset, IDisposable
    {
        private readonly GlyphDataset _glyphs = new();
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _mayBeRead = new();

        public DatasetCatalog Catalog => _glyphs.Catalog;

        public Task Asked => _asked.Task;

        public void GoOn() => _mayBeRead.Set();

        public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
        {
            _asked.TrySetResult();
            _mayBeRead.Wait(TestTime.Limit);
            _glyphs.CopyInput(classIndex, exampleIndex, quarterTurns, destination);
        }

        public void Dispose() => _mayBeRead.Dispose();
    }
}
