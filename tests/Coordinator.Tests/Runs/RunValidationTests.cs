using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using Akka.TestKit;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Coordinator.Workers;
using MetaMap.Data;
using MetaMap.Data.Glyphs;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs;

/// <summary>Measurements on the validation classes and evaluations that clients ask for, on the workers of a run.</summary>
public sealed class RunValidationTests : ClusterTestKit
{
    private const string Name = "validated-run";
    private static readonly RunOptions _options = TinyRun.Options with
    {
        Iterations = 30, ValidationInterval = 3, ValidationEpisodes = 9, Patience = 4,
    };
    private static readonly MetaTraining _training = new(Name, _options, new GlyphDataset().Catalog);

    private readonly TemporaryDirectory _folder = new();
    private readonly RunBoard _board = new();
    private readonly BlobStore _blobs = new();
    private int _workers;

    public RunValidationTests()
    {
        ActorRegistry.For(Sys).Register<WorkforceActor>(ActorRefs.Nobody);
        Sys.ActorOf(BlobHolder.Props(_blobs), BlobHolder.Name);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    [Fact]
    public async Task Training_WithValidation_DecidesAsTheLocalTrainerAndKeepsTheBest()
    {
        var measured = new List<ValidationMetrics>();
        using var local = new LocalMetaTrainer(_training, () => new FakeEpisodeLearner(), 1) { OnValidated = (_, metrics) => measured.Add(metrics) };
        MetaState expected = local.Train(_training.Begin());
        Assert.NotNull(expected.Selection);

        IActorRef run = await Start(_options);
        // The honest one is there first: blocks that all known workers fail are given up.
        Work(run, 1, FakeWorker.Honest);
        Work(run, 2, FakeWorker.Failing);
        TestProbe lost = CreateTestProbe();
        run.Tell(new RequestBlocks(new RunId(Name), new WorkerId("lost"), 9, "direct"), lost.Ref);
        run.Tell(new WorkerLost(new RunId(Name), new WorkerId("lost")));
        RunSnapshot end = await End();
        Assert.Equal((RunStatus.Finished, null), (end.Status, end.Problem));
        Assert.Equal(expected, end.State);
        Assert.Equal(measured[^1], end.Validation);
        Assert.Equal(expected.Selection.BestParameters, end.Model.Parameters);
        Assert.Equal(expected.Selection.BestParameters, ModelFile.Read(_folder[$"{Name}/model.safetensors"]).Parameters);
        Assert.Equal(expected.Selection.BestIteration, ModelFile.Read(_folder[$"{Name}/best.safetensors"]).Iteration);
        Assert.Equal(measured.Count, File.ReadLines(_folder[$"{Name}/metrics.jsonl"]).Count(line => line.Contains("best_iteration", StringComparison.Ordinal)));
        Assert.Equal(expected, new RunDirectory(_folder[Name]).Load(_training.Layout).State);
    }

    [Fact]
    public async Task Evaluate_LiveRun_GivesTheFiguresOfALocalEvaluationAndSurvivesALostWorker()
    {
        IActorRef run = await Start(_options with { ValidationInterval = 0, Patience = 0 });
        TestProbe lost = CreateTestProbe();
        run.Tell(new RequestBlocks(new RunId(Name), new WorkerId("lost"), 2, "direct"), lost.Ref);
        lost.ExpectMsg<BlockLeased>();
        lost.ExpectMsg<BlockLeased>();
        TestProbe client = CreateTestProbe();
        run.Tell(new EvaluateRun(new RunId(Name), 21, 2, SplitPart.Test), client.Ref);
        TestProbe second = CreateTestProbe();
        run.Tell(new RequestBlocks(new RunId(Name), new WorkerId("second"), 2, "direct"), second.Ref);
        BlockLeased lease = second.ExpectMsg<BlockLeased>();
        Assert.Equal((RoundId.Evaluation((1 << 20) + 1), 1, 2), (lease.Lease.Round, lease.Lease.Attempt, lease.InnerSteps));
        run.Tell(new WorkerLost(new RunId(Name), new WorkerId("lost")));
        run.Tell(new WorkerLost(new RunId(Name), new WorkerId("second")));
        Work(run, 1, FakeWorker.Honest);

        MetaState begin = _training.Begin();
        Episode[] asked = [.. _training.EvaluationBlocks(SplitPart.Test, 21).SelectMany(block => block.Episodes)];
        EvaluationResult expected = EvaluationResult.Of(
            [.. asked.Select(episode => FakeEpisodeLearner.Measure(begin.Parameters, episode, 2).Last)], EpisodeTasks.Of(asked.Select(EpisodeTasks.NameOf)));
        RunEvaluated answer = client.ExpectMsg<RunEvaluated>(TestTime.Limit);
        Assert.Equal(new RunEvaluated(new RunId(Name), 0, begin.Parameters.Sha256, expected), answer);
        Assert.Equal((21, 2), (answer.Result.Episodes, answer.Result.InnerSteps));

        RunSnapshot end = await End();
        MetaTraining plain = new(Name, _options with { ValidationInterval = 0, Patience = 0 }, new GlyphDataset().Catalog);
        using var local = new LocalMetaTrainer(plain, () => new FakeEpisodeLearner(), 1);
        Assert.Equal(local.Train(plain.Begin()), end.State);
        Assert.Contains("not being trained", (await run.Ask<RunRefused>(new EvaluateRun(new RunId(Name), 1, 1, SplitPart.Test), TestTime.Limit)).Reason, StringComparison.Ordinal);
    }

    private async Task<IActorRef> Start(RunOptions options)
    {
        var settings = new CoordinatorSettings { Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] }, RunsDirectory = _folder.Path };
        var services = new RunServices(settings, _blobs, _board, new WorkerBoard(), new DirectoryStore(settings.RunsDirectory, TimeProvider.System), new ManualTime());
        IActorRef run = Sys.ActorOf(Props.Create(() => new RunEntity(services, new LeftRuns(areTakenUp: true))));
        Assert.IsType<RunStarted>(await run.Ask<object>(new StartRun(new RunId(Name), RunOptionsJson.Write(options), false, true, RunPolicy.Default), TestTime.Limit));
        return run;
    }

    private void Work(IActorRef run, int lanes, FakeWorker.Behaviour behaviour)
    {
        WorkerId id = new($"worker-{_workers++}");
        string address = Cluster.Get(Sys).SelfAddress.ToString();
        IActorRef worker = Sys.ActorOf(Props.Create(() => new FakeWorker(id, run, _training.Layout, address, behaviour)));
        run.Tell(new RequestBlocks(new RunId(Name), id, lanes, "direct"), worker);
    }

    private async Task<RunSnapshot> End()
    {
        RunSnapshot? last = null;
        using var limit = new CancellationTokenSource(TestTime.Limit);
        await foreach (RunSnapshot snapshot in _board.Watch(new RunId(Name), limit.Token))
        {
            last = snapshot;
        }

        return last!;
    }
}
