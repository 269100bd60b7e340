using Akka.Actor;
using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs;

/// <summary>A run entity that has blocks computed twice, with workers that lie.</summary>
public sealed class RunEntityAuditTests : RunEntityKit
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Training_AuditedWithOneLiar_GivesTheBitsOfTheLocalTrainerAndExcludesIt(int liar)
    {
        IActorRef run = await Start(minWorkers: 2, audit: 1);
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
        Assert.Equal(60, end.Results[BlockVerdict.Counted]);
        Assert.Equal(new WorkerId(excluded), WorkforceProbe.FishForMessage<WorkerExcluded>(_ => true, TestTime.Limit).WorkerId);
        AuditReport audit = JournalAudit.Replay(File.ReadLines(Folder[$"{Name}/journal.jsonl"]));
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
        IActorRef run = await Start(minWorkers: 2, audit: 1);
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
}
