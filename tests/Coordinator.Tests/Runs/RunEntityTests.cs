using Akka.Actor;
using Akka.TestKit;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs;

/// <summary>A run entity in training, with workers of every kind: the bits of the local trainer, or a reason.</summary>
public sealed class RunEntityTests : RunEntityKit
{
    [Fact]
    public async Task Training_WithOneWorker_GivesTheBitsOfTheLocalTrainer()
    {
        IActorRef run = await Start();
        WorkforceProbe.ExpectMsg<RunOpened>(opened => Assert.Equal((Name, Training.Layout.Digest), (opened.RunId.Value, opened.LayoutDigest)));
        Work(run, 2, FakeWorker.Honest);
        RunSnapshot end = await End();
        AssertOracle(end);
        Assert.Equal([BlockVerdict.Counted], end.Results.Keys);
        Assert.Equal(15 * 4, end.Results[BlockVerdict.Counted]);
        WorkforceProbe.FishForMessage(message => message is RunClosed);
        Assert.Equal(end.State.Parameters, ModelFile.Read(Folder[$"{Name}/model.safetensors"]).Parameters);
        Assert.Equal(Enumerable.Range(1, 15).Select(i => $"{{\"iteration\":{i},"), File.ReadLines(Folder[$"{Name}/metrics.jsonl"]).Select(line => line[..(line.IndexOf(',', StringComparison.Ordinal) + 1)]));
    }

    /// <summary>An evaluation that would never end keeps no lane from training once nobody waits for it.</summary>
    [Fact]
    public async Task EvaluateRun_ItsClientEnds_TheLanesTrain()
    {
        IActorRef run = await Start();
        TestProbe client = CreateTestProbe();
        run.Tell(new EvaluateRun(new RunId(Name), int.MaxValue, 1, SplitPart.Test), client.Ref);
        Work(run, 2, FakeWorker.Honest);
        Sys.Stop(client.Ref);
        AssertOracle(await End());
    }

    public static TheoryData<string, BlockVerdict?> Company { get; } = new()
    {
        { nameof(FakeWorker.Honest), null },
        { nameof(FakeWorker.Duplicating), BlockVerdict.Duplicate },
        { nameof(FakeWorker.Failing), BlockVerdict.Failed },
        { nameof(FakeWorker.NotANumber), BlockVerdict.NonFinite },
        { nameof(FakeWorker.OtherLayout), BlockVerdict.WrongLayout },
        { nameof(FakeWorker.ShortGradient), BlockVerdict.WrongLayout },
        { nameof(FakeWorker.Unreachable), BlockVerdict.Unavailable },
        { nameof(FakeWorker.Confused), BlockVerdict.Future },
        { nameof(FakeWorker.Returning), BlockVerdict.Returned },
    };

    [Theory]
    [MemberData(nameof(Company))]
    public async Task Training_InAnyCompany_GivesTheBitsOfTheLocalTrainer(string company, BlockVerdict? verdict)
    {
        // Nobody begins before all are there: alone, a worker that fails would have tried each block in vain for everybody.
        IActorRef run = await Start(minWorkers: 3);
        // First, so that it has a lease on every block before anybody else.
        Work(run, 4, Called(company));
        Work(run, 1, FakeWorker.Honest);
        Work(run, 2, FakeWorker.Honest);
        RunSnapshot end = await End();
        AssertOracle(end);
        Assert.Equal(15 * 4, end.Results[BlockVerdict.Counted]);
        if (verdict is not null)
        {
            Assert.InRange(end.Results[verdict.Value], 1, long.MaxValue);
            Assert.NotNull(end.LastRefusal);
        }

        if (company == nameof(FakeWorker.Confused))
        {
            Assert.InRange(end.Results[BlockVerdict.Foreign], 1, long.MaxValue);
            Assert.InRange(end.Results[BlockVerdict.Stale], 1, long.MaxValue);
        }
    }

    [Fact]
    public async Task Training_TooFewWorkers_PausesUntilTheyAreThere()
    {
        IActorRef run = await Start(minWorkers: 2);
        TestProbe first = Probe(run, "first", 4);
        Assert.Equal("waiting for workers: 1 of 2", (await Until(snapshot => snapshot.Waiting?.Contains('1', StringComparison.Ordinal) == true)).Waiting);
        TestProbe second = Probe(run, "second", 1);
        second.ExpectMsg<BlockLeased>(TestTime.Limit);
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
            Directory.GetFiles(Folder[$"{Name}/quarantine"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(JournalAudit.Replay(File.ReadLines(Folder[$"{Name}/journal.jsonl"])).Violations);
        using var local = new LocalMetaTrainer(Training, () => new PoisonedLearner(block => block.Index == 2), 1);
        Assert.Equal(local.Train(Training.Begin()), end.State);
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
        lost.ExpectMsg<BlockLeased>(TestTime.Limit);
        run.Tell(new WorkerLost(new RunId(Name), new WorkerId("lost")));
        run.Tell(new RequestBlocks(new RunId(Name), new WorkerId("lost"), 4, "direct"), lost);
        lost.FishForMessage(message => message is BlockLeased { Lease.Attempt: 2 }, TestTime.Limit);
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
        Assert.Equal(new LeaseId(new RunId(Name), RoundId.Iteration(1), 0, 1), lease.Lease);
        TestProbe other = Probe(run, "other", 4);
        for (int i = 1; i < 4; i++)
        {
            Assert.Equal(i, other.ExpectMsg<BlockLeased>().Lease.Block);
        }

        Time.Advance(LeasePolicy.Default.Deadline);
        BlockLeased[] again = [.. Enumerable.Range(0, 3).Select(_ => other.ExpectMsg<BlockLeased>(TestTime.Limit))];
        Assert.Contains(again, leased => (leased.Lease.Block, leased.Lease.Attempt) == (0, 2));
    }

    [Fact]
    public async Task Training_EveryBlockIsNotANumber_FailsWithAReasonAndKeepsTheModel()
    {
        IActorRef run = await Start();
        Work(run, 2, FakeWorker.NotANumber);
        RunSnapshot end = await End();
        Assert.Equal(RunStatus.Failed, end.Status);
        Assert.StartsWith("Run test-run diverged at iteration 1: only 0 of ", end.Problem, StringComparison.Ordinal);
        Assert.Equal(Training.Begin(), end.State);
    }

    [Fact]
    public async Task Training_CheckpointAtEveryCommit_TheNewestIsTheLast()
    {
        IActorRef run = await Start(checkpointInterval: TimeSpan.Zero);
        Work(run, 4, FakeWorker.Honest);
        RunSnapshot end = await End();
        Assert.Null(end.Problem);
        Assert.Equal(15, ModelFile.Read(Folder[$"{Name}/model.safetensors"]).Iteration);
        Assert.Equal(end.State, new RunDirectory(Folder[Name]).Load(Training.Layout).State);
    }

    [Fact]
    public async Task Training_DirectoryCannotBeWritten_GoesOnAndSaysSo()
    {
        IActorRef run = await Start();
        Directory.Delete(Folder[$"{Name}/checkpoints"], recursive: true);
        File.WriteAllText(Folder[$"{Name}/checkpoints"], "in the way");
        Work(run, 4, FakeWorker.Honest);
        RunSnapshot end = await End();
        AssertOracle(end);
        Assert.StartsWith("The checkpoint of iteration 1 could not be written: ", end.Problem, StringComparison.Ordinal);
    }
}
