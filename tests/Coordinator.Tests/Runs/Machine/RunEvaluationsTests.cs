using MetaMap.Coordinator.Journal;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs.Machine;

/// <summary>Measurements on the validation classes, and evaluations that clients ask for.</summary>
public sealed class RunEvaluationsTests
{
    private static readonly RunId _run = new("tiny-run");
    private static readonly RunOptions _validated = TinyRun.Options with { Iterations = 30, ValidationInterval = 3, ValidationEpisodes = 9, Patience = 1 };

    [Fact]
    public void Run_WithValidation_DecidesAsTheLocalTrainerAndPublishesTheBest()
    {
        MetaTraining training = TinyRun.Training(_validated);
        var measured = new List<ValidationMetrics>();
        using var local = new LocalMetaTrainer(training, () => new FakeEpisodeLearner(), 1) { OnValidated = (_, metrics) => measured.Add(metrics) };
        MetaState expected = local.Train(training.Begin());
        RunLab lab = new(training);
        lab.Hire("a", 2, RunLab.Honest("a"));
        lab.Hire("b", 1, RunLab.Honest("b"));
        lab.Run();
        Assert.Equal(expected, lab.Snapshots.Last().State);
        Assert.True(lab.Snapshots.Last().IsStoppedEarly);
        Assert.Equal(measured, lab.Commits.SelectMany(group => group.Steps).Where(step => step.Validation is not null).Select(step => step.Validation));
        Assert.Equal(expected.Selection!.BestParameters, lab.Commits.Last().Model.Parameters);
        Assert.Equal(expected.Selection.BestIteration, lab.Commits.Last().Model.Iteration);
    }

    [Fact]
    public void Run_ValidationFailsOnEveryWorker_FailsWithTheReason()
    {
        RunLab lab = new(TinyRun.Training(_validated));
        lab.Hire("a", 1, (_, lease) => new RunInput.Answered(lease.Lease.Round.Kind == RoundKind.Evaluation
            ? new BlockFailed(lease.Lease, new WorkerId("a"), "no memory") : lab.Compute("a", lease)));
        lab.Run();
        Assert.Equal(RunStatus.Failed, lab.Snapshots.Last().Status);
        Assert.Matches(
            "^Run tiny-run could not be measured on its validation classes at iteration 3: evaluation block [0-4] failed on worker a: no memory[.]$", lab.Snapshots.Last().Problem);
    }

    [Fact]
    public void EvaluationWanted_WorkersAreLostAndAnswerTwice_GivesTheFiguresOfALocalEvaluation()
    {
        MetaTraining training = TinyRun.Training();
        RunLab lab = new(training);
        lab.Ask("lost", 2);
        lab.Step(new RunInput.EvaluationWanted(5, new EvaluateRun(_run, 21, 2, SplitPart.Test)));
        lab.Ask("second", 2);
        BlockLeased lease = lab.Told<BlockLeased>("second").First();
        Assert.Equal((new LeaseId(_run, RoundId.Evaluation((1 << 20) + 1), 0, 1), 2), (lease.Lease, lease.InnerSteps));
        lab.Step(new RunInput.Lost(new WorkerId("lost")));
        lab.Step(new RunInput.Lost(new WorkerId("second")));
        lab.Hire("a", 2, (_, leased) =>
        {
            if (lab.Compute("a", leased) is BlockEvaluated measures)
            {
                lab.Step(new RunInput.Answered(measures with { Lease = leased.Lease with { Block = 99 } }));
                lab.Step(new RunInput.Answered(measures with { Lease = leased.Lease with { Round = RoundId.Evaluation(77) } }));
                lab.Step(new RunInput.Answered(measures with { Episodes = [] }));
                lab.Step(new RunInput.Answered(measures));
            }

            return new RunInput.Answered(lab.Compute("a", leased));
        });
        lab.Run();
        MetaState begin = training.Begin();
        Episode[] asked = [.. training.EvaluationBlocks(SplitPart.Test, 21).SelectMany(block => block.Episodes)];
        var expected = EvaluationResult.Of(
            [.. asked.Select(episode => new EvaluatedEpisode(FakeEpisodeLearner.Measure(begin.Parameters, episode, 2).Last, RunLab.Baselines))],
            EpisodeBaselines.NamesFor(training.Options, training.Catalog), EpisodeTasks.Of(asked.Select(EpisodeTasks.NameOf)));
        Assert.Equal(new RunEffect.Reply(5, new RunEvaluated(_run, 0, begin.Parameters.Sha256, expected)), Assert.Single(lab.Of<RunEffect.Reply>()));
        using var local = new LocalMetaTrainer(training, () => new FakeEpisodeLearner(), 1);
        Assert.Equal(local.Train(begin), lab.Snapshots.Last().State);
        Assert.Equal(1, lab.Offered);
    }

    /// <summary>A step of the run must stay short, however many episodes a client wants.</summary>
    [Theory]
    [InlineData(1, 4096)]
    [InlineData(100, 4000)]
    [InlineData(5000, 5000)]
    public void EvaluationWanted_ManyEpisodes_AreDrawnInRoundsAndGiveTheFiguresOfALocalEvaluation(int block, int round)
    {
        MetaTraining training = TinyRun.Training(TinyRun.Options with { Block = block });
        int wanted = (2 * round) + 7;
        RunLab lab = new(training);
        lab.Step(new RunInput.EvaluationWanted(5, new EvaluateRun(_run, wanted, 2, SplitPart.Test)));
        List<int> drawn = [];
        BlockLeased? first = null;
        lab.Hire("a", 2, (_, lease) =>
        {
            if (lease.Lease.Round.Kind == RoundKind.Evaluation)
            {
                first ??= lease;
                drawn.Add(lab.State.Evaluations.All[0].Round.Blocks.Sum(progress => progress.Block.Episodes.Length));
                if (lease.Lease.Round != first.Lease.Round)
                {
                    lab.Step(new RunInput.Answered(new BlockEvaluated(first.Lease, new WorkerId("late"), [.. first.Episodes.Select(_ => new EvaluatedEpisode(default, []))])));
                }
            }

            return new RunInput.Answered(lab.Compute("a", lease));
        });
        lab.Run();
        Assert.Equal([round, 7], drawn.Distinct());
        Assert.Equal(lab.State.Setup.Training.Options.Iterations, lab.Snapshots.Last().State.Iteration);
        MetaState begin = training.Begin();
        Episode[] asked = [.. training.EvaluationBlocks(SplitPart.Test, wanted).SelectMany(episodes => episodes.Episodes)];
        var expected = EvaluationResult.Of(
            [.. asked.Select(episode => new EvaluatedEpisode(FakeEpisodeLearner.Measure(begin.Parameters, episode, 2).Last, RunLab.Baselines))],
            EpisodeBaselines.NamesFor(training.Options, training.Catalog), EpisodeTasks.Of(asked.Select(EpisodeTasks.NameOf)));
        Assert.Equal(new RunEffect.Reply(5, new RunEvaluated(_run, 0, begin.Parameters.Sha256, expected)), Assert.Single(lab.Of<RunEffect.Reply>()));
    }

    [Fact]
    public void EvaluationWanted_FailsOnEveryWorker_IsRefusedWithTheReasonAndTrainingGoesOn()
    {
        RunLab lab = new();
        lab.Step(new RunInput.EvaluationWanted(5, new EvaluateRun(_run, 1, 2, SplitPart.Test)));
        lab.Hire("a", 1, (_, lease) => new RunInput.Answered(lease.Lease.Round.Kind == RoundKind.Evaluation
            ? new BlockFailed(lease.Lease, new WorkerId("a"), "no memory") : lab.Compute("a", lease)));
        lab.Run();
        Assert.Equal("The evaluation of run tiny-run failed: evaluation block 0 failed on worker a: no memory.", ((RunRefused)lab.Of<RunEffect.Reply>().Single().Answer).Reason);
        Assert.Equal(RunStatus.Finished, lab.Snapshots.Last().Status);
        Assert.Empty(lab.State.Evaluations.All);
    }

    [Fact]
    public void Answered_EvaluationBlockGivenBack_AnotherWorkerHasItAndTheJournalIsSilent()
    {
        RunLab lab = new();
        lab.Step(new RunInput.EvaluationWanted(5, new EvaluateRun(_run, 1, 2, SplitPart.Test)));
        lab.Ask("a", 1);
        int noted = lab.Journal.Count();
        lab.Step(new RunInput.Answered(new BlockReturned(lab.Told<BlockLeased>("a").Single().Lease, new WorkerId("a"), "the worker leaves")));
        lab.Ask("a", 0);
        lab.Ask("b", 1);
        Assert.Equal((RoundKind.Evaluation, 2), (lab.Told<BlockLeased>("b").Single().Lease.Round.Kind, lab.Told<BlockLeased>("b").Single().Lease.Attempt));
        Assert.Equal(1, lab.State.Progress.Results[BlockVerdict.Returned]);
        Assert.DoesNotContain(lab.Journal.Skip(noted), entry => entry.Event == JournalEvent.Refused);
    }

    /// <summary>Its blocks would keep lanes from training and from others' evaluations.</summary>
    [Fact]
    public void ClientGone_ItsEvaluationsEndAndOthersGoOn()
    {
        RunLab lab = new();
        lab.Step(new RunInput.EvaluationWanted(5, new EvaluateRun(_run, 50_000, 2, SplitPart.Test)));
        lab.Step(new RunInput.EvaluationWanted(6, new EvaluateRun(_run, 1, 2, SplitPart.Test)));
        lab.Ask("a", 1);
        BlockLeased begun = lab.Told<BlockLeased>("a").Single();
        lab.Step(new RunInput.ClientGone(5));
        lab.Step(new RunInput.Answered(lab.Compute("a", begun)));
        Assert.Equal(6, Assert.Single(lab.State.Evaluations.All).Wanted.Client);
        lab.Hire("b", 1, RunLab.Honest("b"));
        lab.Run();
        Assert.Equal(6, Assert.Single(lab.Of<RunEffect.Reply>()).Client);
        Assert.Equal(RunStatus.Finished, lab.Snapshots.Last().Status);
        Assert.Equal(1, lab.Offered);
    }

    [Fact]
    public void EvaluationWanted_PastItsDeadline_IsLeasedAgain()
    {
        RunLab lab = new();
        lab.Step(new RunInput.EvaluationWanted(5, new EvaluateRun(_run, 1, 2, SplitPart.Test)));
        lab.Ask("silent", 1);
        lab.Now = TimeSpan.FromSeconds(30);
        lab.Ask("other", 1);
        lab.Step(new RunInput.Ticked());
        Assert.Contains(lab.Told<BlockLeased>("other").Concat(lab.Told<BlockLeased>("silent")), lease => lease.Lease is { Round.Kind: RoundKind.Evaluation, Attempt: 2 });
    }

    /// <summary>Without measurements on the validation classes, a run may have too few of them for an episode.</summary>
    [Fact]
    public void EvaluationWanted_PartWithTooFewClasses_IsRefusedInOneSentenceAndTrainingGoesOn()
    {
        DatasetCatalog few = TinyRun.Catalog with { Classes = [.. TinyRun.Catalog.Classes.Take(8)] };
        RunLab lab = new(new MetaTraining("tiny-run", TinyRun.Options, few));
        lab.Step(new RunInput.EvaluationWanted(5, new EvaluateRun(_run, 1, 2, SplitPart.Validation)));
        Assert.Contains("validation classes", ((RunRefused)lab.Of<RunEffect.Reply>().Single().Answer).Reason, StringComparison.Ordinal);
        lab.Hire("a", 1, RunLab.Honest("a"));
        lab.Run();
        Assert.Equal(RunStatus.Finished, lab.Snapshots.Last().Status);
    }
}
