using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Coordinator.Workers;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs.Machine;

/// <summary>Blocks: who gets them, whose results count, and what becomes of those that do not.</summary>
public sealed class RunMachineTests
{
    private static readonly RunId _run = new("tiny-run");

    [Fact]
    public void Begin_ARun_IsShownAndInvitesWorkers()
    {
        RunLab lab = new(change: setup => setup with { Ignored = "An old state is damaged." });
        Assert.Equal([JournalEvent.Claimed, JournalEvent.Opened], lab.Journal.Select(entry => entry.Event));
        Assert.Equal("An old state is damaged.", lab.Journal.First().Reason);
        Assert.Equal(_run, Assert.Single(lab.ToWorkforce<RunOpened>()).RunId);
        Assert.Equal((RunStatus.Training, 0), (Assert.Single(lab.Snapshots).Status, lab.Snapshots.Last().State.Iteration));
        Assert.Equal("waiting for workers: 0 of 1", lab.Snapshots.Last().Waiting);
        Assert.Equal(1, lab.Offered);
    }

    /// <summary>A worker is there, and will offer its lanes: nobody is missing.</summary>
    [Fact]
    public void Begin_WorkersAreThere_WaitsUntilTheyAreReady()
    {
        RunLab lab = new(change: setup => setup with { Workers = 1 });
        Assert.Equal("waiting until workers have read the data: 0 of 1 is ready", lab.Snapshots.Last().Waiting);
        lab.Step(new RunInput.Staffed(new RunStaff(0, [])));
        Assert.Equal("waiting for workers: 0 of 1", lab.Snapshots.Last().Waiting);
    }

    /// <summary>After a restart of the coordinator its workers come seconds later, and their rate is what it was.</summary>
    [Fact]
    public void Run_WorkersComeLateAndLeaveForAWhile_TheRateIsThatOfTheTimeWithThem()
    {
        RunLab lab = new() { Now = TimeSpan.FromSeconds(100) };
        lab.Hire("a", 1, (_, _) => null);
        lab.Now += TimeSpan.FromSeconds(10);
        lab.Step(new RunInput.Lost(new WorkerId("a")));
        Assert.Equal("waiting for workers: 0 of 1", lab.Snapshots.Last().Waiting);
        lab.Now += TimeSpan.FromSeconds(1000);
        lab.Hire("b", 1, RunLab.Honest("b"));
        lab.Run();
        Assert.Equal(RunStatus.Finished, lab.Snapshots.Last().Status);
        long episodes = lab.State.Durable.Episodes;
        Assert.True(episodes > 0);
        Assert.Equal(episodes / 10.0, lab.Snapshots.Last().EpisodesPerSecond, 9);
    }

    [Fact]
    public void Run_TwoWorkers_GivesTheBitsOfTheLocalTrainerAndACleanJournal()
    {
        RunLab lab = new();
        lab.Hire("a", 2, RunLab.Honest("a"));
        lab.Hire("b", 1, RunLab.Honest("b"));
        lab.Run();
        AssertOracle(lab, TinyRun.Training());
        Assert.Equal(new RunEffect.End(RunStatus.Finished, 12), lab.Effects[^1]);
        Assert.Single(lab.ToWorkforce<RunClosed>());
        Assert.Equal(48, lab.ToWorkforce<BlockCounted>().Count());
        Assert.Equal(["a", "b"], lab.Journal.Where(entry => entry.Event == JournalEvent.Joined).Select(entry => entry.Worker));
        // The newest version stays until the trainer is gone.
        Assert.Equal(1, lab.Offered);
        AssertJournal(lab);
    }

    [Fact]
    public void Answered_EqualGradientsOfTwoWorkers_AreFetchedOnceFromEither()
    {
        RunLab lab = new();
        lab.Ask("a", 1);
        BlockLeased lease = lab.Told<BlockLeased>("a").Single();
        BlockAdapted result = (BlockAdapted)lab.Compute("a", lease);
        byte[] gradient = Take(lab, result);
        lab.Step(new RunInput.Answered(result));
        lab.Step(new RunInput.Answered(result with { WorkerId = new WorkerId("b"), GradientHolder = "holder of b" }));
        Assert.Equal(["holder of a", "holder of b"], lab.Of<RunEffect.FetchGradient>().Select(fetch => fetch.Holder));
        Assert.Empty(Verdicts(lab));
        lab.Step(new RunInput.GradientFetched(result.Gradient, gradient));
        Assert.Equal(["a Counted", "b Duplicate"], Verdicts(lab));
        RunState before = lab.State;
        lab.Step(new RunInput.GradientFetched(result.Gradient, gradient));
        Assert.Same(before, lab.State);
        Assert.Empty(lab.State.Unfetched);
    }

    [Fact]
    public void GradientMissed_NoHolderHasIt_EveryWorkerHearsOfItsOwnResultAndOthersMayHaveTheBlock()
    {
        RunLab lab = new();
        lab.Ask("a", 1);
        BlockAdapted result = (BlockAdapted)lab.Compute("a", lab.Told<BlockLeased>("a").Single());
        Take(lab, result);
        lab.Step(new RunInput.Answered(result));
        lab.Step(new RunInput.Answered(result with { WorkerId = new WorkerId("b") }));
        lab.Step(new RunInput.GradientMissed(result.Gradient, "gone"));
        Assert.Equal(["a Unavailable", "b Unavailable"], Verdicts(lab));
        Assert.Equal("the gradient of block 0 from worker b: gone", lab.State.Progress.LastRefusal);
        lab.Ask("c", 1);
        Assert.Equal(0, lab.Told<BlockLeased>("c").Single().Lease.Block);
        // The same result is fetched anew.
        lab.Step(new RunInput.Answered(result));
        Assert.Equal(3, lab.Of<RunEffect.FetchGradient>().Count());
    }

    [Fact]
    public void Answered_WhatCanNeverCount_IsRefusedWithoutAFetch()
    {
        RunLab lab = new();
        lab.Ask("a", 1);
        BlockAdapted result = (BlockAdapted)lab.Compute("a", lab.Told<BlockLeased>("a").Single());
        foreach (LeaseId other in new[]
        {
            result.Lease with { Round = RoundId.Iteration(9) }, result.Lease with { Round = RoundId.Iteration(0) }, result.Lease with { Round = RoundId.Evaluation(1) },
            result.Lease with { Block = 99 }, result.Lease with { Block = -1 }, result.Lease with { RunId = new RunId("other") },
        })
        {
            lab.Step(new RunInput.Answered(result with { Lease = other }));
        }

        lab.Step(new RunInput.Answered(result with { Gradient = new BlobId("00", 3) }));
        Assert.Equal(["Future", "Stale", "Foreign", "Foreign", "Foreign", "Foreign", "WrongLayout"], Verdicts(lab).Select(verdict => verdict[2..]));
        Assert.Equal(7, lab.Journal.Count(entry => entry.Event == JournalEvent.Refused));
        Assert.Empty(lab.Of<RunEffect.FetchGradient>());
    }

    [Fact]
    public void Answered_AuditedBlockWithKnownBits_IsNotFetchedAgain()
    {
        RunLab lab = new(change: Audited);
        lab.Ask("a", 1);
        lab.Ask("b", 1);
        BlockLeased first = lab.Told<BlockLeased>("a").Single();
        BlockLeased second = lab.Told<BlockLeased>("b").Single();
        Assert.Equal((0, 0), (first.Lease.Block, second.Lease.Block));
        BlockAdapted result = (BlockAdapted)lab.Compute("a", first);
        byte[] gradient = Take(lab, result);
        lab.Step(new RunInput.Answered(result));
        lab.Step(new RunInput.GradientFetched(result.Gradient, gradient));
        lab.Step(new RunInput.Answered(lab.Compute("b", second)));
        Assert.Equal(["a Unconfirmed", "b Counted"], Verdicts(lab));
        Assert.Single(lab.Of<RunEffect.FetchGradient>());
        Assert.True(lab.State.Progress.Round.Blocks[0].IsConfirmed);
    }

    [Fact]
    public void Run_AuditedWithALiar_ExcludesItAndKeepsTheBits()
    {
        RunLab lab = new(change: setup => Audited(setup) with { Sharing = new RunPolicy(1, 2, 1) });
        lab.Hire("honest", 2, RunLab.Honest("honest"));
        lab.Hire("liar", 1, RunLab.Honest("liar", scale: 1.5f));
        lab.Hire("third", 1, RunLab.Honest("third"));
        lab.Run();
        AssertOracle(lab, TinyRun.Training());
        WorkerExcluded excluded = Assert.Single(lab.ToWorkforce<WorkerExcluded>());
        Assert.Equal(new WorkerId("liar"), excluded.WorkerId);
        Assert.Equal(["liar"], lab.Snapshots.Last().ExcludedWorkers.Keys);
        Assert.Equal(48, lab.Snapshots.Last().Counters.AuditedBlocks);
        int leases = lab.Told<BlockLeased>("liar").Count();
        lab.Ask("liar", 3);
        Assert.Equal(leases, lab.Told<BlockLeased>("liar").Count());
        AssertJournal(lab);
    }

    [Fact]
    public void Ticked_SlowBlockNearTheEnd_IsLeasedAgainAndTheFirstResultCounts()
    {
        RunLab lab = new();
        lab.Ask("slow", 1);
        lab.Now = TimeSpan.FromSeconds(1);
        lab.Hire("quick", 3, (_, lease) => lease.Lease.Round.IsIteration(1) ? new RunInput.Answered(lab.Compute("quick", lease)) : null);
        lab.Now = TimeSpan.FromSeconds(2);
        lab.Run();
        lab.Now = TimeSpan.FromSeconds(20);
        Assert.Equal(3, lab.Told<BlockLeased>("quick").Count());
        lab.Step(new RunInput.Ticked());
        Assert.Equal(new LeaseId(_run, RoundId.Iteration(1), 0, 2), lab.Told<BlockLeased>("quick").Last().Lease);
        BlockLeased held = lab.Told<BlockLeased>("slow").Single();
        IBlockAnswer late = lab.Compute("slow", held);
        lab.Run();
        lab.Step(new RunInput.Answered(late));
        Assert.Equal("slow Stale", Verdicts(lab).Last(verdict => verdict.StartsWith("slow", StringComparison.Ordinal)));
        Assert.Equal((1, 1), (lab.State.Progress.Counters.SpeculativeLeases, lab.State.Progress.Counters.SpeculativeWins));
    }

    [Fact]
    public void Ticked_LeasePastItsDeadline_GoesToAnotherWorker()
    {
        RunLab lab = new();
        lab.Ask("silent", 4);
        lab.Ask("other", 1);
        Assert.Empty(lab.Told<BlockLeased>("other"));
        lab.Now = LeasePolicy.Default.Deadline - TimeSpan.FromSeconds(1);
        lab.Step(new RunInput.Ticked());
        Assert.Empty(lab.Told<BlockLeased>("other"));
        lab.Now = LeasePolicy.Default.Deadline;
        lab.Step(new RunInput.Ticked());
        Assert.Equal(2, lab.Told<BlockLeased>("other").Single().Lease.Attempt);
    }

    [Fact]
    public void Lost_AWorkerWithLeases_AnotherHasThemAtOnceAndItJoinsAnew()
    {
        RunLab lab = new();
        lab.Ask("a", 4);
        lab.Ask("b", 4);
        lab.Step(new RunInput.Lost(new WorkerId("a")));
        Assert.Equal([0, 1, 2, 3], lab.Told<BlockLeased>("b").Select(lease => lease.Lease.Block));
        lab.Ask("a", 1);
        lab.Ask("a", 1);
        Assert.Equal(["a", "b", "a"], lab.Journal.Where(entry => entry.Event == JournalEvent.Joined).Select(entry => entry.Worker));
    }

    [Fact]
    public void Asked_FewerWorkersThanAreWanted_IsShownUntilTheyAreThere()
    {
        RunLab lab = new(change: setup => setup with { Sharing = new RunPolicy(1, 2, 0) });
        lab.Ask("a", 2);
        Assert.Equal("waiting for workers: 1 of 2", lab.Snapshots.Last().Waiting);
        Assert.Empty(lab.Told<BlockLeased>("a"));
        lab.Ask("b", 1);
        Assert.Null(lab.Snapshots.Last().Waiting);
        Assert.Equal(3, lab.Told<BlockLeased>("a").Concat(lab.Told<BlockLeased>("b")).Count());
        int shown = lab.Snapshots.Count();
        lab.Step(new RunInput.Ticked());
        Assert.Equal(shown, lab.Snapshots.Count());
    }

    [Fact]
    public void Run_ABlockThatFailsEverywhere_IsQuarantinedExportedAndTheOthersCommit()
    {
        RunLab lab = new(TinyRun.Training(TinyRun.Options with { Iterations = 2 }));
        foreach (string worker in new[] { "a", "b" })
        {
            lab.Hire(worker, 1, (_, lease) => lease.Lease is { Round.Number: 1, Block: 2 }
                ? new RunInput.Answered(new BlockFailed(lease.Lease, new WorkerId(worker), "no memory")) : new RunInput.Answered(lab.Compute(worker, lease)));
        }

        lab.Run();
        Assert.Equal(new RunEffect.End(RunStatus.Finished, 2), lab.Effects[^1]);
        QuarantinedBlock block = Assert.Single(lab.Of<RunEffect.ExportQuarantined>()).Block;
        Assert.Equal((1, 2), (block.Iteration, block.BlockIndex));
        Assert.Equal([5, 7], lab.Commits.SelectMany(group => group.Steps).Select(step => step.Metrics!.CountedEpisodes));
        Assert.Equal(1, lab.Snapshots.Last().Counters.QuarantinedBlocks);
        Assert.Contains(lab.Journal, entry => entry is { Event: JournalEvent.Excluded, Block: 2 });
        AssertJournal(lab);
    }

    [Fact]
    public void Run_EveryBlockFails_EndsWithTheReasonOnceTheEpisodeIsWritten()
    {
        RunLab lab = new();
        lab.Hire("a", 1, (_, lease) => new RunInput.Answered(new BlockFailed(lease.Lease, new WorkerId("a"), "no memory")));
        lab.Step(new RunInput.EvaluationWanted(1, new EvaluateRun(_run, 2, 1, SplitPart.Test)));
        lab.Workers["a"] = (_, lease) => lease.Lease.Round.Kind == RoundKind.Evaluation ? null : new RunInput.Answered(new BlockFailed(lease.Lease, new WorkerId("a"), "no memory"));
        lab.Ask("a", 3);
        lab.Run();
        Assert.Single(lab.Of<RunEffect.ExportDiverged>());
        Assert.StartsWith("Run tiny-run ended before the evaluation was done", ((RunRefused)lab.Of<RunEffect.Reply>().Single().Answer).Reason, StringComparison.Ordinal);
        Assert.Equal(new RunEffect.End(RunStatus.Failed, 0), lab.Effects[^1]);
        Assert.StartsWith("Run tiny-run failed at iteration 1: only 0 of 7 episodes count (block 0 of iteration 1 failed on every worker; the last, on worker a: no memory)", lab.Snapshots.Last().Problem, StringComparison.Ordinal);
        Assert.Equal(1, lab.Offered);
    }

    private static RunSetup Audited(RunSetup setup) => setup with { Sharing = new RunPolicy(1, 1, 1) };

    private static byte[] Take(RunLab lab, BlockAdapted result)
    {
        Assert.True(lab.Gradients.Remove(result.Gradient, out byte[]? bytes));
        return bytes;
    }

    [Fact]
    public void Counters_GradientTime_IsFromTheLastAnswerToTheLastGradient()
    {
        RunLab lab = new();
        lab.Ask("a", 100);
        BlockLeased[] leases = [.. lab.Told<BlockLeased>("a")];
        lab.Now = TimeSpan.FromSeconds(1);
        Array.ForEach(leases, lease => lab.Step(new RunInput.Answered(lab.Compute("a", lease))));
        lab.Now = TimeSpan.FromSeconds(3);
        lab.Run();
        Assert.Equal((1, 2.0), (lab.State.Progress.State.Iteration, lab.State.Progress.Counters.Times.Gradient));
    }

    private static string[] Verdicts(RunLab lab) =>
        [.. lab.Of<RunEffect.ToWorker>().Where(tell => tell.Message is BlockJudged).Select(tell => $"{tell.Worker} {((BlockJudged)tell.Message).Verdict}")];

    private static void AssertOracle(RunLab lab, MetaTraining training)
    {
        using var local = new LocalMetaTrainer(training, () => new FakeEpisodeLearner(), 1);
        Assert.Equal(local.Train(training.Begin()), lab.Snapshots.Last().State);
    }

    /// <summary>What was noted keeps the promises, with the lines of commits where they are stored.</summary>
    private static void AssertJournal(RunLab lab)
    {
        RunJournal journal = new(1, TimeProvider.System);
        foreach (RunEffect effect in lab.Effects)
        {
            journal.Add(effect switch
            {
                RunEffect.Note note => [note.Entry],
                RunEffect.Commit commit => commit.Group.Steps.Where(step => step.Metrics is not null)
                    .Select(step => JournalEntry.Of(JournalEvent.Committed, step.Metrics!.Iteration) with { Sha256 = step.Sha256 }),
                _ => Array.Empty<JournalEntry>(),
            });
        }

        Assert.Empty(JournalAudit.Replay(journal.Lines.Lines).Violations);
    }
}
