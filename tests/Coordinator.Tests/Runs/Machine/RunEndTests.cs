using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Coordinator.Workers;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Testing;

namespace MetaMap.Coordinator.Tests.Runs.Machine;

/// <summary>The store, and the ways in which a run ends on a node: commits that fail, pauses, releases, and another owner.</summary>
public sealed class RunEndTests
{
    private static readonly RunId _run = new("tiny-run");

    [Fact]
    public void CommitFailed_TrainingGoesOnAndTheSameGroupIsTriedAgainBeforeWhatCameSince()
    {
        RunLab lab = Working();
        lab.Store = _ => null;
        lab.Run();
        Assert.Equal((12, 1), (lab.State.Progress.State.Iteration, lab.Commits.Count()));
        lab.Store = group => group.Number == 1 ? new RunInput.Committed(null) : null;
        // The run is at its end already and waits for the store.
        lab.Step(new RunInput.CommitFailed("The disk is full."));
        Assert.Equal("The disk is full.", lab.State.Problem);
        Assert.Same(lab.Commits.First(), lab.Commits.Last());
        lab.Run();
        Assert.Equal([(1, 1), (1, 1), (2, 12)], lab.Commits.Select(group => (group.Number, group.State.Iteration)));
        Assert.Null(lab.State.Problem);
    }

    [Fact]
    public void CommitFailed_InTraining_IsShownAndTriedAgainAfterASecond()
    {
        RunLab lab = new();
        lab.Store = _ => new RunInput.CommitFailed("The database is gone.");
        int blocks = 0;
        lab.Hire("a", 1, (_, lease) => blocks++ < 6 ? new RunInput.Answered(lab.Compute("a", lease)) : null);
        lab.Run();
        Assert.Equal((1, 1, 0), (lab.State.Progress.State.Iteration, lab.Commits.Count(), lab.Snapshots.Last().State.Iteration));
        Assert.Equal((RunStatus.Training, "The database is gone."), (lab.Snapshots.Last().Status, lab.Snapshots.Last().Problem));
        lab.Store = _ => new RunInput.Committed(null);
        lab.Now += TimeSpan.FromSeconds(0.9);
        lab.Step(new RunInput.Ticked());
        Assert.Single(lab.Commits);
        lab.Now += TimeSpan.FromSeconds(0.1);
        lab.Step(new RunInput.Ticked());
        lab.Run();
        Assert.Equal((1, null), (lab.Snapshots.Last().State.Iteration, lab.Snapshots.Last().Problem));
    }

    [Fact]
    public void CommitFailed_AsTheRunEnds_IsTriedThreeTimesThenTheRunIsGivenBackWithTheProblem()
    {
        RunLab lab = Working();
        lab.Store = _ => new RunInput.CommitFailed("The disk is full.");
        lab.Step(new RunInput.EndWanted(RunStatus.Paused));
        lab.Run();
        Assert.Equal(3, lab.Commits.Count());
        Assert.Equal(RunStatus.Paused, Assert.Single(lab.Of<RunEffect.Release>()).Status);
        Assert.Equal((RunStatus.Paused, "The disk is full."), (lab.Snapshots.Last().Status, lab.Snapshots.Last().Problem));
    }

    [Fact]
    public void CommitFailed_AfterTheLastIteration_TheRunIsShownAsItIsAndTakenUpAgainFromWhatIsStored()
    {
        RunLab lab = Working();
        lab.Store = _ => new RunInput.CommitFailed("The disk is full.");
        lab.Run();
        Assert.Equal(12, lab.State.Progress.State.Iteration);
        Assert.Equal(RunStatus.Queued, Assert.Single(lab.Of<RunEffect.Release>()).Status);
        Assert.Equal((RunStatus.Finished, "The disk is full."), (lab.Snapshots.Last().Status, lab.Snapshots.Last().Problem));
    }

    [Theory]
    [InlineData(RunStatus.Paused)]
    [InlineData(RunStatus.Stopped)]
    [InlineData(RunStatus.Queued)]
    public void EndWanted_InTheMiddle_CommitsWhatIsCompleteExportsTheModelAndGivesTheRunBack(RunStatus status)
    {
        RunLab lab = new();
        int blocks = 0;
        lab.Hire("a", 1, (_, lease) => blocks++ < 6 ? new RunInput.Answered(lab.Compute("a", lease)) : null);
        lab.Run();
        lab.Step(new RunInput.EndWanted(status));
        IBlockAnswer late = new BlockReturned(lab.Told<BlockLeased>("a").Last().Lease, new WorkerId("a"), "the worker leaves");
        int noted = lab.Journal.Count();
        lab.Step(new RunInput.Answered(late));
        lab.Step(new RunInput.EndWanted(RunStatus.Stopped));
        Assert.Equal(noted, lab.Journal.Count());
        lab.Run();
        Assert.True(lab.Commits.Last().IsModelExported);
        Assert.Equal(status, lab.Of<RunEffect.Release>().Single().Status);
        Assert.Equal((status, 1), (lab.Snapshots.Last().Status, lab.Snapshots.Last().State.Iteration));
        Assert.Equal(new RunEffect.End(status, 1), lab.Effects[^1]);
        // Where another coordinator takes it up, its workers keep what they have of it.
        Assert.Equal(status == RunStatus.Queued ? (1, 0) : (0, 1), (lab.ToWorkforce<RunLeft>().Count(), lab.ToWorkforce<RunClosed>().Count()));
        Assert.Equal(JournalEvent.Released, lab.Journal.Last().Event);
    }

    [Fact]
    public void EvaluationWanted_WhileTheRunEndsOrAfterwards_IsRefusedAtOnce()
    {
        RunLab lab = Working();
        lab.Store = _ => null;
        lab.Step(new RunInput.EndWanted(RunStatus.Stopped));
        lab.Step(new RunInput.EvaluationWanted(7, new EvaluateRun(_run, 2, 1, SplitPart.Test)));
        Assert.Equal(
            new RunEffect.Reply(7, new RunRefused(_run, "Run tiny-run is coming to its end here, so its workers evaluate nothing more; evaluate its model without --on-cluster.")), lab.Effects[^1]);
        lab.Step(new RunInput.Committed(null));
        lab.Run();
        Assert.IsType<RunStage.Over>(lab.State.Stage);
        lab.Step(new RunInput.EvaluationWanted(8, new EvaluateRun(_run, 2, 1, SplitPart.Test)));
        Assert.Equal(8, Assert.IsType<RunEffect.Reply>(lab.Effects[^1]).Client);
        RunState over = lab.State;
        lab.Step(new RunInput.Ticked());
        lab.Step(new RunInput.Committed(null));
        lab.Step(new RunInput.Fenced("late"));
        Assert.Same(over, lab.State);
    }

    [Fact]
    public void EvaluationWanted_WhileTheRunDiverges_IsRefusedAtOnce()
    {
        RunLab lab = new();
        lab.Ask("a", 4);
        foreach (BlockLeased lease in lab.Told<BlockLeased>("a").ToArray())
        {
            lab.Step(new RunInput.Answered(new BlockFailed(lease.Lease, new WorkerId("a"), "no memory")));
        }

        while (lab.State.Stage is RunStage.Training)
        {
            lab.Step(new RunInput.Answered(new BlockFailed(lab.Told<BlockLeased>("a").First(lease => IsOpen(lab, lease)).Lease, new WorkerId("a"), "no memory")));
        }

        Assert.IsType<RunStage.Diverging>(lab.State.Stage);
        lab.Step(new RunInput.EvaluationWanted(3, new EvaluateRun(_run, 2, 1, SplitPart.Test)));
        Assert.Equal(3, Assert.IsType<RunEffect.Reply>(lab.Effects[^1]).Client);
        lab.Step(new RunInput.Ticked());
        Assert.Single(lab.Of<RunEffect.Renew>());
    }

    [Fact]
    public void Fenced_InTraining_LeavesTheRunWithoutAWordToItsWorkers()
    {
        RunLab lab = Working();
        lab.Step(new RunInput.EvaluationWanted(1, new EvaluateRun(_run, 2, 1, SplitPart.Test)));
        lab.Step(new RunInput.Fenced("epoch 2 owns the run"));
        Assert.Single(lab.ToWorkforce<RunLeft>());
        Assert.Empty(lab.ToWorkforce<RunClosed>());
        Assert.Single(lab.Of<RunEffect.Unpublish>());
        Assert.IsType<RunRefused>(lab.Of<RunEffect.Reply>().Single().Answer);
        Assert.Equal(new RunEffect.End(null, 0), lab.Effects[^1]);
        Assert.Empty(lab.Of<RunEffect.Release>());
    }

    [Fact]
    public void Committed_WhileATransferIsOut_NothingIsShownBeforeItIsDurable()
    {
        RunLab lab = Working();
        lab.Store = _ => null;
        lab.Run();
        Assert.Equal(0, lab.Snapshots.Last().State.Iteration);
        lab.Step(new RunInput.Committed("The model file could not be written."));
        Assert.Equal((1, "The model file could not be written."), (lab.Snapshots.Last().State.Iteration, lab.Snapshots.Last().Problem));
    }

    [Fact]
    public void Ticked_SignOfLifeUnderWay_IsNotFollowedByAnother()
    {
        RunLab lab = new();
        lab.Step(new RunInput.Ticked());
        lab.Step(new RunInput.Ticked());
        Assert.Single(lab.Of<RunEffect.Renew>());
        Assert.Equal(2, lab.Of<RunEffect.FlushJournal>().Count());
        lab.Step(new RunInput.Renewed("The database is gone."));
        lab.Step(new RunInput.Ticked());
        Assert.Equal(2, lab.Of<RunEffect.Renew>().Count());
    }

    [Fact]
    public void Run_StoreThatNeverAnswers_TrainingWaitsAtAThousand()
    {
        RunLab lab = new(TinyRun.Training(TinyRun.Options with { Iterations = CommitQueue.MostWaiting + 5 })) { Store = _ => null };
        lab.Hire("a", 4, RunLab.Honest("a"));
        lab.Run();
        Assert.Equal(CommitQueue.MostWaiting, lab.State.Progress.State.Iteration);
        lab.Store = _ => new RunInput.Committed(null);
        lab.Step(new RunInput.Committed(null));
        lab.Run();
        Assert.Equal(CommitQueue.MostWaiting + 5, lab.Snapshots.Last().State.Iteration);
    }

    private static bool IsOpen(RunLab lab, BlockLeased lease) =>
        lab.State.Progress.Round.Blocks[lease.Lease.Block].Leases.Any(held => held.Attempt == lease.Lease.Attempt);

    private static RunLab Working()
    {
        RunLab lab = new();
        lab.Hire("a", 2, RunLab.Honest("a"));
        return lab;
    }
}
