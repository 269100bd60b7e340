using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.TestKit;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Workers;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Data.Glyphs;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs.Lifecycle;

/// <summary>What clients order a run entity to do, and what they hear.</summary>
public sealed class RunEntityCommandTests : RunEntityKit
{
    [Fact]
    public async Task Stop_ThenResume_GivesTheBitsOfTheLocalTrainer()
    {
        // Long enough that it is not over before the stop.
        MetaTraining training = new(Name, Options with { Iterations = 600 }, new GlyphDataset().Catalog);
        StartRun start = StartMessage() with { OptionsJson = RunOptionsJson.Write(training.Options) };
        IActorRef run = Entity();
        await run.Ask<RunStarted>(start, TestTime.Limit);
        TestProbe worker = Probe(run, "half", 4);
        Work(run, 1, FakeWorker.Honest);
        await foreach (RunSnapshot snapshot in Board.Watch(new RunId(Name), new CancellationTokenSource(TestTime.Limit).Token))
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

        RunChanged stopped = await run.Ask<RunChanged>(Command(RunCommand.Stop), TestTime.Limit);
        RunSnapshot last = Board.Find(new RunId(Name))!;
        Assert.Equal((RunStatus.Stopped, stopped.Iteration), (last.Status, last.State.Iteration));
        Assert.Equal(stopped.Iteration, ModelFile.Read(Folder[$"{Name}/model.safetensors"]).Iteration);
        Assert.Equal(stopped, await run.Ask<RunChanged>(Command(RunCommand.Stop), TestTime.Limit));
        Assert.Contains("already holds a run", (await run.Ask<RunRefused>(start, TestTime.Limit)).Reason, StringComparison.Ordinal);

        Assert.Equal(stopped.Iteration, (await run.Ask<RunStarted>(start with { Resume = true }, TestTime.Limit)).Iteration);
        Work(run, 3, FakeWorker.Honest);
        AssertOracle(await End(), training);
        Assert.Equal(600, File.ReadLines(Folder[$"{Name}/metrics.jsonl"]).Count());
    }

    /// <summary>The keeper's word comes late: a person has paused the run meanwhile.</summary>
    [Fact]
    public async Task TakeUp_RunThatIsPausedMeanwhile_LeavesItPaused()
    {
        IActorRef run = await Start();
        RunChanged paused = new(new RunId(Name), RunStatus.Paused, 0);
        Assert.Equal(paused, await run.Ask<object>(Command(RunCommand.Pause), TestTime.Limit));
        run.Tell(Command(RunCommand.TakeUp));
        Assert.Equal(paused, await run.Ask<object>(Command(RunCommand.Pause), TestTime.Limit));
        Assert.Equal(1, (await Services().Store.Find(Name))!.Epoch);
    }

    [Fact]
    public async Task Commands_OfARunInTraining_AreAnsweredWithWhereItStands()
    {
        IActorRef run = await Start();
        Assert.Equal(new RunChanged(new RunId(Name), RunStatus.Training, 0), await run.Ask<object>(Command(RunCommand.Resume), TestTime.Limit));
        Assert.Equal(new RunChanged(new RunId(Name), RunStatus.Queued, 0), await run.Ask<object>(Command(RunCommand.Release), TestTime.Limit));
        Assert.Equal(new RunChanged(new RunId(Name), RunStatus.Training, 0), await run.Ask<object>(Command(RunCommand.Resume), TestTime.Limit));
        Assert.Equal(new RunChanged(new RunId(Name), RunStatus.Deleted, 0), await run.Ask<object>(Command(RunCommand.Delete), TestTime.Limit));
        Assert.Contains("There is no run", (await run.Ask<RunRefused>(Command(RunCommand.Pause), TestTime.Limit)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhileItIsPrepared_EveryClientHears()
    {
        IActorRef run = Entity();
        Task<object> first = run.Ask<object>(StartMessage(), TestTime.Limit);
        Task<object> second = run.Ask<object>(StartMessage(), TestTime.Limit);
        Task<object> again = run.Ask<object>(StartMessage(resume: true), TestTime.Limit);
        Task<object> stop = run.Ask<object>(Command(RunCommand.Stop), TestTime.Limit);
        Assert.IsType<RunStarted>(await first);
        Assert.Contains("is being trained already", Assert.IsType<RunRefused>(await second).Reason, StringComparison.Ordinal);
        Assert.IsType<RunStarted>(await again);
        Assert.Equal(new RunChanged(new RunId(Name), RunStatus.Stopped, 0), await stop);
    }

    /// <summary>The keeper of a coordinator that is started again takes the run up before the start of its command line comes.</summary>
    [Fact]
    public async Task Start_OfARunThatIsTakenUpAlready_GivesItTheNewLengthAndFewestWorkersAndLeavesItsWeight()
    {
        IActorRef run = Entity();
        await run.Ask<RunStarted>(StartMessage() with { Policy = new RunPolicy(Weight: 2) }, TestTime.Limit);
        RunOptions longer = Options with { Iterations = 20 };
        RunPolicy wanted = new(MinWorkers: 2);
        StartRun again = StartMessage(resume: true) with { OptionsJson = RunOptionsJson.Write(longer), Policy = wanted };
        Assert.Equal(0, (await run.Ask<RunStarted>(again, TestTime.Limit)).Iteration);
        StoredRun stored = (await Services().Store.Find(Name))!;
        Assert.Equal((longer, new RunPolicy(Weight: 2, MinWorkers: 2), 2), (stored.Options, stored.Policy, stored.Epoch));
        await run.Ask<RunStarted>(again, TestTime.Limit);
        Assert.Equal(2, (await Services().Store.Find(Name))!.Epoch);
        Work(run, 4, FakeWorker.Honest);
        Work(run, 4, FakeWorker.Honest);
        AssertOracle(await End(), new MetaTraining(Name, longer, new GlyphDataset().Catalog));
    }

    [Fact]
    public async Task Start_OfAStoredRunWithAnotherLengthOfItsCosine_SaysThatItsRateChanges()
    {
        RunOptions options = Options.With(("meta_lr_final", 0.0001));
        IActorRef run = Entity();
        await run.Ask<RunStarted>(StartMessage() with { OptionsJson = RunOptionsJson.Write(options) }, TestTime.Limit);
        Work(run, 4, FakeWorker.Honest);
        await End();
        await EventFilter.Warning(contains: "The first 15 iterations were trained along the cosine of 15; from now on --meta-lr follows that of 20 to 0.0001, so the model will be another than that of one run of 20 iterations.")
            .ExpectOneAsync(TestTime.Limit, () => run.Ask<RunStarted>(StartMessage(resume: true) with { OptionsJson = """{"iterations":20}""", IsAttended = false }, TestTime.Limit));
    }

    /// <summary>Whether the run is in training or not, what the start does not give stays as it is stored.</summary>
    [Theory]
    [InlineData(false, "{}", 15, 1)]
    [InlineData(false, """{"iterations":20}""", 20, 2)]
    [InlineData(true, "{}", 15, 2)]
    [InlineData(true, """{"iterations":20}""", 20, 2)]
    public async Task Start_OfAStoredRun_LeavesWhatIsNotGiven(bool isPaused, string given, int iterations, int epoch)
    {
        IActorRef run = await Start();
        if (isPaused)
        {
            await run.Ask<RunChanged>(Command(RunCommand.Pause), TestTime.Limit);
        }

        await run.Ask<RunStarted>(StartMessage(resume: true) with { OptionsJson = given }, TestTime.Limit);
        StoredRun stored = (await Services().Store.Find(Name))!;
        Assert.Equal((Options with { Iterations = iterations }, epoch), (stored.Options, (int)stored.Epoch));
    }

    [Theory]
    [InlineData("ways", 3, "only --iterations and --eval-episodes may change")]
    [InlineData("iterations", -1, "--iterations is -1")]
    public async Task Start_OfARunInTrainingWithOtherBits_IsRefusedAndTheRunGoesOn(string key, int value, string reason)
    {
        IActorRef run = await Start();
        string json = Regex.Replace(RunOptionsJson.Write(Options), $"\"{key}\": *[0-9]+", $"\"{key}\": {value}");
        RunRefused refused = await run.Ask<RunRefused>(StartMessage(resume: true) with { OptionsJson = json }, TestTime.Limit);
        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
        Work(run, 4, FakeWorker.Honest);
        AssertOracle(await End());
    }

    [Theory]
    [InlineData("""{"ways":1}""", "--ways is 1, but it must be 2 or more.")]
    [InlineData("""{"dataset":"cifar"}""", "There is no dataset 'cifar'")]
    [InlineData("""{"speed":9}""", "has the unknown key 'speed'")]
    [InlineData("""{"ways":500}""", "500 ways need at least 500")]
    public async Task Start_WhatCannotBeTrained_IsRefusedInOneSentence(string json, string reason)
    {
        RunRefused refused = await Entity().Ask<RunRefused>(new StartRun(new RunId(Name), json, false, true, RunPolicy.Default), TestTime.Limit);
        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_UsedDirectory_IsRefusedAndTheEntityGoesOn()
    {
        await Start();
        IActorRef other = Entity();
        Assert.Contains("already holds a run", (await other.Ask<RunRefused>(StartMessage(), TestTime.Limit)).Reason, StringComparison.Ordinal);
        Assert.IsType<RunRefused>(await other.Ask<object>(new CommandRun(new RunId("none"), RunCommand.Stop), TestTime.Limit));
    }

    [Fact]
    public async Task Start_RunThatIsFinishedAlready_IsFinishedAtOnce()
    {
        IActorRef run = await Start();
        Work(run, 4, FakeWorker.Honest);
        RunSnapshot end = await End();
        RunStarted started = await Entity().Ask<RunStarted>(StartMessage(resume: true), TestTime.Limit);
        Assert.Equal(15, started.Iteration);
        Assert.Equal(end.State, (await End()).State);
    }

    [Fact]
    public async Task Trainer_Crashes_TheRunIsFailedWithAReason()
    {
        IActorRef run = await Start();
        WorkforceProbe.ExpectMsg<RunOpened>();
        IActorRef trainer = await Sys.ActorSelection(run.Path / "*").ResolveOne(TestTime.Limit);
        // No episodes at all: a default array, which no serializer lets through, is the rudest message there is.
        run.Tell(new BlockAdapted(new LeaseId(new RunId(Name), RoundId.Iteration(1), 0, 1), new WorkerId("w"), default, "", default, default, ""));
        Watch(trainer);
        ExpectTerminated(trainer, TestTime.Limit);
        RunSnapshot end = await End();
        Assert.Equal(RunStatus.Failed, end.Status);
        Assert.Contains("trainer crashed", end.Problem, StringComparison.Ordinal);
        WorkforceProbe.FishForMessage<RunClosed>(_ => true, TestTime.Limit);
    }

    /// <summary>The later word of two that come one right after the other holds.</summary>
    [Fact]
    public async Task Resume_WhileAPauseIsCarriedOut_IsCarriedOutAfterIt()
    {
        IActorRef run = await Start();
        Task<object> pause = run.Ask<object>(Command(RunCommand.Pause), TestTime.Limit);
        Task<object> resume = run.Ask<object>(Command(RunCommand.Resume), TestTime.Limit);
        Assert.Equal(new RunChanged(new RunId(Name), RunStatus.Paused, 0), await pause);
        Assert.Equal(new RunChanged(new RunId(Name), RunStatus.Training, 0), await resume);
        Assert.Equal(RunStatus.Training, (await Services().Store.Find(Name))!.Status);
        Work(run, 4, FakeWorker.Honest);
        AssertOracle(await End());
    }

    [Fact]
    public async Task Trainer_Crashes_ClientsOfEvaluationsHear()
    {
        IActorRef run = await Start();
        Task<object> evaluation = run.Ask<object>(new EvaluateRun(new RunId(Name), 5, 1, SplitPart.Test), TestTime.Limit);
        run.Tell(new BlockAdapted(new LeaseId(new RunId(Name), RoundId.Iteration(1), 0, 1), new WorkerId("w"), default, "", default, default, ""));
        Assert.IsType<RunRefused>(await evaluation.WaitAsync(TestTime.Limit));
    }

    /// <summary>The cluster stops an entity when it moves the run to another coordinator.</summary>
    [Fact]
    public async Task Entity_IsStopped_ClientsOfEvaluationsHear()
    {
        IActorRef run = await Start();
        Task<object> evaluation = run.Ask<object>(new EvaluateRun(new RunId(Name), 5, 1, SplitPart.Test), TestTime.Limit);
        // Answered by the entity after it has passed the evaluation on.
        await run.Ask<object>(Command(RunCommand.Resume), TestTime.Limit);
        Sys.Stop(run);
        Assert.IsType<RunRefused>(await evaluation.WaitAsync(TestTime.Limit));
    }

    [Fact]
    public async Task Evaluate_WhileTheRunEnds_EveryClientHears()
    {
        IActorRef run = await Start();
        Task<object> stop = run.Ask<object>(Command(RunCommand.Stop), TestTime.Limit);
        List<Task<object>> evaluations = [];
        while (!stop.IsCompleted)
        {
            evaluations.Add(run.Ask<object>(new EvaluateRun(new RunId(Name), 5, 1, SplitPart.Test), TestTime.Limit));
        }

        foreach (object answer in await Task.WhenAll(evaluations).WaitAsync(TestTime.Limit))
        {
            Assert.IsType<RunRefused>(answer);
        }
    }

    /// <summary>A run that `metamap train` began and a person resumes on a cluster belongs to the cluster.</summary>
    [Fact]
    public async Task Resume_RunThatATrainCommandBegan_IsTakenUpByOthersWhenItsCoordinatorLeaves()
    {
        IActorRef run = await Start();
        await run.Ask<RunChanged>(Command(RunCommand.Stop), TestTime.Limit);
        await run.Ask<RunChanged>(Command(RunCommand.Resume), TestTime.Limit);
        Assert.Equal(RunStatus.Queued, (await run.Ask<RunChanged>(Command(RunCommand.Release), TestTime.Limit)).Status);
        Assert.Contains(Name, RunAdmission.Admitted(await Services().Store.List(), 4));
    }

    /// <summary>The store fails between entering a run and claiming it: the run is there, and will be trained.</summary>
    [Fact]
    public async Task Start_StoreFailsOnceTheRunIsEntered_IsNotCalledRefused()
    {
        RunServices services = Services();
        FailingStore store = new(services.Store);
        RunServices failing = new(services.Settings, Blobs, Board, new WorkerBoard(), store, Time);
        object answer = await Entity(failing).Ask<object>(StartMessage() with { IsAttended = false }, TestTime.Limit);
        StoredRun? stored = await services.Store.Find(Name);
        Assert.Equal(answer is RunRefused, stored is null);
    }

    private sealed class FailingStore(IRunStore store) : IRunStore
    {
        public string Location => store.Location;

        public Task Open() => store.Open();

        public Task<ImmutableArray<int>> Versions(string runId) => store.Versions(runId);

        public Task<ImmutableArray<string>> Measures(string runId, int from, int most) => store.Measures(runId, from, most);

        public Task<ImmutableArray<StoredRun>> List() => throw new StoreException("The database is gone.", new IOException());

        public Task<StoredRun?> Find(string runId) => store.Find(runId);

        public Task Create(StoredRun run, MetaState? first = null) => store.Create(run, first);

        public Task Queue(string runId, bool isAttended, RunOptions? options, RunPolicy? policy) => store.Queue(runId, isAttended, options, policy);

        public Task SetStatus(string runId, RunStatus status, string? problem) => store.SetStatus(runId, status, problem);

        public Task<IRunHold> Claim(string runId, ParameterLayout layout) => store.Claim(runId, layout);

        public Task<MetaState?> Load(string runId, int? iteration, ParameterLayout layout) => store.Load(runId, iteration, layout);

        public Task Delete(string runId) => store.Delete(runId);
    }
}
