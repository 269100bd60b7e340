using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Coordinator.Workers;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data.Glyphs;
using MetaMap.Core.Rounds;
using MetaMap.Core.Tests.Checkpoints;
using MetaMap.Core.Tests.Training;
using MetaMap.Core.Training;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Tests.Runs;

public sealed class RunEntityTests : ClusterTestKit
{
    private const string Name = "test-run";
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static readonly RunOptions _options = TinyRun.Options with { Dataset = "glyphs", Iterations = 15 };
    private static readonly MetaTraining _training = new(Name, _options, new GlyphDataset().Catalog);

    private readonly TemporaryDirectory _folder = new();
    private readonly RunBoard _board = new();
    private readonly ManualTime _time = new();
    private readonly BlobStore _blobs = new();
    private readonly TestProbe _workforce;
    private int _workers;

    public RunEntityTests()
    {
        _workforce = CreateTestProbe();
        Sys.ActorOf(Props.Create(() => new Forwarder(_workforce.Ref)), Workforce.Name);
        Sys.ActorOf(BlobHolder.Props(_blobs), BlobHolder.Name);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    [Fact]
    public async Task Training_WithOneWorker_GivesTheBitsOfTheLocalTrainer()
    {
        IActorRef run = await Start();
        _workforce.ExpectMsg<RunOpened>(opened => Assert.Equal((Name, _training.Layout.Digest), (opened.RunId.Value, opened.LayoutDigest)));
        Work(run, 2, FakeWorker.Honest);
        RunSnapshot end = await End();
        AssertOracle(end);
        Assert.Equal(["Counted"], end.Results.Keys);
        Assert.Equal(15 * 4, end.Results["Counted"]);
        _workforce.FishForMessage(message => message is RunClosed);
        Assert.Equal(end.State.Parameters, ModelFile.Read(_folder[$"{Name}/model.safetensors"]).Parameters);
        Assert.Equal(Enumerable.Range(1, 15).Select(i => $"{{\"iteration\":{i},"), File.ReadLines(_folder[$"{Name}/metrics.jsonl"]).Select(line => line[..(line.IndexOf(',', StringComparison.Ordinal) + 1)]));
    }

    public static TheoryData<string, string?> Company { get; } = new()
    {
        { nameof(FakeWorker.Honest), null },
        { nameof(FakeWorker.Duplicating), "Duplicate" },
        { nameof(FakeWorker.Failing), "Failed" },
        { nameof(FakeWorker.NotANumber), "NonFinite" },
        { nameof(FakeWorker.OtherLayout), "WrongLayout" },
        { nameof(FakeWorker.ShortGradient), "WrongLayout" },
        { nameof(FakeWorker.Unreachable), "Unavailable" },
        { nameof(FakeWorker.Confused), "Future" },
        { nameof(FakeWorker.Returning), "Returned" },
    };

    [Theory]
    [MemberData(nameof(Company))]
    public async Task Training_InAnyCompany_GivesTheBitsOfTheLocalTrainer(string company, string? verdict)
    {
        // Nobody begins before all are there: alone, a worker that fails would have tried each block in vain for everybody.
        IActorRef run = await Start(minWorkers: 3);
        // First, so that it has a lease on every block before anybody else.
        Work(run, 4, Called(company));
        Work(run, 1, FakeWorker.Honest);
        Work(run, 2, FakeWorker.Honest);
        RunSnapshot end = await End();
        AssertOracle(end);
        Assert.Equal(15 * 4, end.Results["Counted"]);
        if (verdict is not null)
        {
            Assert.InRange(end.Results[verdict], 1, long.MaxValue);
            Assert.NotNull(end.LastRefusal);
        }

        if (company == nameof(FakeWorker.Confused))
        {
            Assert.InRange(end.Results["Foreign"], 1, long.MaxValue);
            Assert.InRange(end.Results["Stale"], 1, long.MaxValue);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Training_AuditedWithOneLiar_GivesTheBitsOfTheLocalTrainerAndExcludesIt(int liar)
    {
        IActorRef run = await Start(audit: 1);
        for (int i = 0; i < 3; i++)
        {
            Work(run, 1 + i % 2, i == liar ? FakeWorker.Lying : FakeWorker.Honest);
        }

        RunSnapshot end = await End();
        AssertOracle(end);
        string excluded = Assert.Single(end.ExcludedWorkers).Key;
        Assert.Equal($"worker-{liar}", excluded);
        Assert.StartsWith($"worker worker-{liar} gave other bits for block ", end.ExcludedWorkers[excluded], StringComparison.Ordinal);
        Assert.Equal((60, 0), (end.Counters.AuditedBlocks, end.Counters.UnauditedBlocks));
        Assert.Equal(60, end.Results["Counted"] - end.Results.GetValueOrDefault("Dropped"));
        Assert.Equal(new WorkerId(excluded), _workforce.FishForMessage<WorkerExcluded>(_ => true, _limit).WorkerId);
        AuditReport audit = JournalAudit.Replay(File.ReadLines(_folder[$"{Name}/journal.jsonl"]));
        Assert.Empty(audit.Violations);
    }

    [Fact]
    public async Task Training_AuditedByASingleWorker_GoesOnUnaudited()
    {
        IActorRef run = await Start(audit: 1);
        Work(run, 2, FakeWorker.Honest);
        RunSnapshot end = await End();
        AssertOracle(end);
        Assert.Equal((0, 60), (end.Counters.AuditedBlocks, end.Counters.UnauditedBlocks));
    }

    [Fact]
    public async Task Training_AuditedByTwoThatDisagree_WaitsAndAThirdDecides()
    {
        IActorRef run = await Start(audit: 1);
        Work(run, 2, FakeWorker.Lying);
        Work(run, 2, FakeWorker.Honest);
        RunSnapshot stuck = await Until(snapshot => snapshot.Waiting?.Contains("gave different bits", StringComparison.Ordinal) == true);
        Assert.Contains("worker-0", stuck.Waiting, StringComparison.Ordinal);
        Assert.Contains("worker-1", stuck.Waiting, StringComparison.Ordinal);
        Assert.Equal((RunStatus.Training, null, 0), (stuck.Status, stuck.Problem, stuck.State.Iteration));
        Work(run, 1, FakeWorker.Honest);
        RunSnapshot end = await End();
        AssertOracle(end);
        Assert.Equal(["worker-0"], end.ExcludedWorkers.Keys);
        Assert.Null(end.Waiting);
    }

    [Fact]
    public async Task Training_TooFewWorkers_PausesUntilTheyAreThere()
    {
        IActorRef run = await Start(minWorkers: 2);
        TestProbe first = Probe(run, "first", 4);
        Assert.Equal("waiting for workers: 1 of 2", (await Until(snapshot => snapshot.Waiting?.Contains('1', StringComparison.Ordinal) == true)).Waiting);
        TestProbe second = Probe(run, "second", 1);
        second.ExpectMsg<BlockLeased>(_limit);
        run.Tell(new WorkerLost(new RunId(Name), new WorkerId("second")));
        await Until(snapshot => snapshot.Waiting == "waiting for workers: 1 of 2");
        Assert.InRange(first.ReceiveWhile(TimeSpan.Zero, message => message as BlockLeased).Count, 0, 3);
        run.Tell(new WorkerLost(new RunId(Name), new WorkerId("first")));
        Work(run, 2, FakeWorker.Honest);
        Work(run, 2, FakeWorker.Honest);
        RunSnapshot end = await End();
        AssertOracle(end);
        Assert.Null(end.Waiting);
    }

    [Fact]
    public async Task Training_OneBlockIsNeverFinite_IsQuarantinedWithItsEpisodeAndTheRunFinishes()
    {
        IActorRef run = await Start();
        Work(run, 2, FakeWorker.HonestWithAPoisonedBlock);
        RunSnapshot end = await End();
        Assert.Equal((RunStatus.Finished, null, 15L), (end.Status, end.Problem, end.Counters.QuarantinedBlocks));
        Assert.StartsWith("block 2 of iteration 15 was not finite in any attempt", end.LastRefusal, StringComparison.Ordinal);
        Assert.Equal(
            Enumerable.Range(1, 15).Select(iteration => $"iteration-{iteration}-episode-4.safetensors").Order(StringComparer.Ordinal),
            Directory.GetFiles(_folder[$"{Name}/quarantine"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(JournalAudit.Replay(File.ReadLines(_folder[$"{Name}/journal.jsonl"])).Violations);
        using var local = new LocalMetaTrainer(_training, () => new PoisonedLearner(block => block.Index == 2), 1);
        Assert.Equal(local.Train(_training.Begin()), end.State);
    }

    [Fact]
    public async Task Training_WorkerIsLost_OthersFinishItsBlocks()
    {
        IActorRef run = await Start();
        TestProbe lost = Probe(run, "lost", 4);
        for (int i = 0; i < 4; i++)
        {
            lost.ExpectMsg<BlockLeased>();
        }

        Work(run, 1, FakeWorker.Honest);
        run.Tell(new WorkerLost(new RunId(Name), new WorkerId("lost")));
        AssertOracle(await End());
    }

    [Fact]
    public async Task Training_WorkerAsksOnceMoreAfterItWasGivenUp_ItsBlocksAreFreeWhenItsActorIsGone()
    {
        IActorRef run = await Start();
        TestProbe lost = Probe(run, "lost", 4);
        lost.ExpectMsg<BlockLeased>(_limit);
        run.Tell(new WorkerLost(new RunId(Name), new WorkerId("lost")));
        run.Tell(new RequestBlocks(new RunId(Name), new WorkerId("lost"), 4), lost);
        lost.FishForMessage(message => message is BlockLeased { Attempt: 2 }, _limit);
        Sys.Stop(lost);
        Work(run, 1, FakeWorker.Honest);
        AssertOracle(await End());
    }

    [Fact]
    public async Task Training_WorkerIsSilent_ItsLeasesAreGivenToOthersAtTheDeadline()
    {
        IActorRef run = await Start();
        TestProbe silent = Probe(run, "silent", 1);
        BlockLeased lease = silent.ExpectMsg<BlockLeased>();
        Assert.Equal((1, 1, 0), (lease.Iteration, lease.Attempt, lease.Block.Index));
        TestProbe other = Probe(run, "other", 4);
        for (int i = 1; i < 4; i++)
        {
            Assert.Equal(i, other.ExpectMsg<BlockLeased>().Block.Index);
        }

        _time.Advance(LeasePolicy.Default.Deadline);
        BlockLeased[] again = [.. Enumerable.Range(0, 3).Select(_ => other.ExpectMsg<BlockLeased>(_limit))];
        Assert.Contains(again, leased => (leased.Block.Index, leased.Attempt) == (0, 2));
    }

    [Fact]
    public async Task Training_EveryBlockIsNotANumber_FailsWithAReasonAndKeepsTheModel()
    {
        IActorRef run = await Start();
        Work(run, 2, FakeWorker.NotANumber);
        RunSnapshot end = await End();
        Assert.Equal(RunStatus.Failed, end.Status);
        Assert.StartsWith("Run test-run diverged at iteration 1: no block gave a finite result", end.Problem, StringComparison.Ordinal);
        Assert.Equal(_training.Begin(), end.State);
    }

    [Fact]
    public async Task Stop_ThenResume_GivesTheBitsOfTheLocalTrainer()
    {
        // Long enough that it is not over before the stop.
        MetaTraining training = new(Name, _options with { Iterations = 600 }, new GlyphDataset().Catalog);
        StartRun start = StartMessage() with { OptionsJson = RunOptionsJson.Write(training.Options) };
        IActorRef run = Entity();
        await run.Ask<RunStarted>(start, _limit);
        TestProbe worker = Probe(run, "half", 4);
        Work(run, 1, FakeWorker.Honest);
        await foreach (RunSnapshot snapshot in _board.Watch(new RunId(Name), new CancellationTokenSource(_limit).Token))
        {
            if (snapshot.State.Iteration == 0)
            {
                run.Tell(new WorkerLost(new RunId(Name), new WorkerId("half")));
            }
            else if (snapshot.State.Iteration >= 4)
            {
                break;
            }
        }

        RunStopped stopped = await run.Ask<RunStopped>(new StopRun(new RunId(Name)), _limit);
        RunSnapshot last = _board.Find(new RunId(Name))!;
        Assert.Equal((RunStatus.Stopped, stopped.Iteration), (last.Status, last.State.Iteration));
        Assert.Equal(stopped.Iteration, ModelFile.Read(_folder[$"{Name}/model.safetensors"]).Iteration);
        Assert.Equal(stopped, await run.Ask<RunStopped>(new StopRun(new RunId(Name)), _limit));
        Assert.Contains("already holds a run", (await run.Ask<RunRefused>(start, _limit)).Reason, StringComparison.Ordinal);

        Assert.Equal(stopped.Iteration, (await run.Ask<RunStarted>(start with { Resume = true }, _limit)).Iteration);
        Work(run, 3, FakeWorker.Honest);
        AssertOracle(await End(), training);
        Assert.Equal(600, File.ReadLines(_folder[$"{Name}/metrics.jsonl"]).Count());
    }

    [Fact]
    public async Task Training_CheckpointAtEveryCommit_TheNewestIsTheLast()
    {
        IActorRef run = await Start(checkpointInterval: TimeSpan.Zero);
        Work(run, 4, FakeWorker.Honest);
        RunSnapshot end = await End();
        Assert.Null(end.Problem);
        Assert.Equal(15, ModelFile.Read(_folder[$"{Name}/model.safetensors"]).Iteration);
        Assert.Equal(end.State, new RunDirectory(_folder[Name]).Load(_training.Layout).State);
    }

    [Fact]
    public async Task Training_DirectoryCannotBeWritten_GoesOnAndSaysSo()
    {
        IActorRef run = await Start();
        Directory.Delete(_folder[$"{Name}/checkpoints"], recursive: true);
        File.WriteAllText(_folder[$"{Name}/checkpoints"], "in the way");
        Work(run, 4, FakeWorker.Honest);
        RunSnapshot end = await End();
        AssertOracle(end);
        Assert.StartsWith("The checkpoint of iteration 15 could not be written: ", end.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhileItIsPrepared_EveryClientHears()
    {
        IActorRef run = Entity();
        Task<object> first = run.Ask<object>(StartMessage(), _limit);
        Task<object> second = run.Ask<object>(StartMessage(), _limit);
        Task<object> again = run.Ask<object>(StartMessage(resume: true), _limit);
        Task<object> stop = run.Ask<object>(new StopRun(new RunId(Name)), _limit);
        Assert.IsType<RunStarted>(await first);
        Assert.Contains("is being trained already", Assert.IsType<RunRefused>(await second).Reason, StringComparison.Ordinal);
        Assert.IsType<RunStarted>(await again);
        Assert.IsType<RunStopped>(await stop);
    }

    [Theory]
    [InlineData("""{"ways":1}""", "--ways is 1, but it must be 2 or more.")]
    [InlineData("""{"dataset":"cifar"}""", "There is no dataset 'cifar'")]
    [InlineData("""{"speed":9}""", "has the unknown key 'speed'")]
    [InlineData("""{"ways":500}""", "500 ways need at least 500")]
    public async Task Start_WhatCannotBeTrained_IsRefusedInOneSentence(string json, string reason)
    {
        RunRefused refused = await Entity().Ask<RunRefused>(new StartRun(new RunId(Name), json, false, true, 1, 1, 0), _limit);
        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_UsedDirectory_IsRefusedAndTheEntityGoesOn()
    {
        await Start();
        IActorRef other = Entity();
        Assert.Contains("already holds a run", (await other.Ask<RunRefused>(StartMessage(), _limit)).Reason, StringComparison.Ordinal);
        Assert.IsType<RunRefused>(await other.Ask<object>(new StopRun(new RunId("none")), _limit));
    }

    [Fact]
    public async Task Start_RunThatIsFinishedAlready_IsFinishedAtOnce()
    {
        IActorRef run = await Start();
        Work(run, 4, FakeWorker.Honest);
        RunSnapshot end = await End();
        RunStarted started = await Entity().Ask<RunStarted>(StartMessage(resume: true), _limit);
        Assert.Equal(15, started.Iteration);
        Assert.Equal(end.State, (await End()).State);
    }

    [Fact]
    public async Task Trainer_Crashes_TheRunIsFailedWithAReason()
    {
        IActorRef run = await Start();
        _workforce.ExpectMsg<RunOpened>();
        IActorRef trainer = await Sys.ActorSelection(run.Path / "*").ResolveOne(_limit);
        // No episodes at all: a default array, which no serializer lets through, is the rudest message there is.
        run.Tell(new BlockAdapted(new RunId(Name), 1, 0, 1, new WorkerId("w"), default, "", default, default, ""));
        Watch(trainer);
        ExpectTerminated(trainer, _limit);
        RunSnapshot end = await End();
        Assert.Equal(RunStatus.Failed, end.Status);
        Assert.Contains("trainer crashed", end.Problem, StringComparison.Ordinal);
        _workforce.ExpectMsg<RunClosed>(_limit);
    }

    private static FakeWorker.Behaviour Called(string name) => typeof(FakeWorker).GetMethod(name)!.CreateDelegate<FakeWorker.Behaviour>();

    private static StartRun StartMessage(bool resume = false) => new(new RunId(Name), RunOptionsJson.Write(_options), resume, true, 1, 1, 0);

    private static void AssertOracle(RunSnapshot end, MetaTraining? training = null)
    {
        Assert.Equal(RunStatus.Finished, end.Status);
        training ??= _training;
        using var local = new LocalMetaTrainer(training, () => new FakeEpisodeLearner(), 1);
        Assert.Equal(local.Train(training.Begin()), end.State);
    }

    private IActorRef Entity(TimeSpan? checkpointInterval = null)
    {
        var settings = new CoordinatorSettings
        {
            Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] },
            RunsDirectory = _folder.Path,
            CheckpointInterval = checkpointInterval ?? TimeSpan.FromHours(1),
        };
        var services = new RunServices(settings, _blobs, _board, new DirectoryStore(settings.RunsDirectory, TimeProvider.System), _time);
        return Sys.ActorOf(Props.Create(() => new RunEntity(services)));
    }

    private async Task<IActorRef> Start(TimeSpan? checkpointInterval = null, int minWorkers = 1, double audit = 0)
    {
        IActorRef run = Entity(checkpointInterval);
        Assert.Equal(0, (await run.Ask<RunStarted>(StartMessage() with { MinWorkers = minWorkers, AuditFraction = audit }, _limit)).Iteration);
        return run;
    }

    private void Work(IActorRef run, int lanes, FakeWorker.Behaviour behaviour)
    {
        WorkerId id = new($"worker-{_workers++}");
        string address = Cluster.Get(Sys).SelfAddress.ToString();
        IActorRef worker = Sys.ActorOf(Props.Create(() => new FakeWorker(id, run, _training.Layout, address, behaviour)));
        run.Tell(new RequestBlocks(new RunId(Name), id, lanes), worker);
    }

    private TestProbe Probe(IActorRef run, string id, int lanes)
    {
        TestProbe probe = CreateTestProbe();
        run.Tell(new RequestBlocks(new RunId(Name), new WorkerId(id), lanes), probe.Ref);
        return probe;
    }

    private async Task<RunSnapshot> Until(Func<RunSnapshot, bool> isReached)
    {
        using var limit = new CancellationTokenSource(_limit);
        await foreach (RunSnapshot snapshot in _board.Watch(new RunId(Name), limit.Token))
        {
            if (isReached(snapshot))
            {
                return snapshot;
            }
        }

        throw new InvalidOperationException("The run is over.");
    }

    private async Task<RunSnapshot> End()
    {
        RunSnapshot? last = null;
        using var limit = new CancellationTokenSource(_limit);
        await foreach (RunSnapshot snapshot in _board.Watch(new RunId(Name), limit.Token))
        {
            last = snapshot;
        }

        return last!;
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef to) => ReceiveAny(to.Forward);
    }
}
