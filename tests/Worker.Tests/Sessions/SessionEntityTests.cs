using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.TestKit;
using MetaMap.Core.Safetensors;
using MetaMap.Data.Glyphs;
using MetaMap.Learning.Adaptation;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;
using MetaMap.Worker.Sessions;
using MetaMap.Core.Options;

namespace MetaMap.Worker.Tests.Sessions;

/// <summary>A session on a worker, between a coordinator and a shard that are the test's.</summary>
public sealed class SessionEntityTests : ClusterTestKit
{
    private static readonly SessionId _session = SessionId.New();
    private static readonly GlyphDataset _glyphs = new();
    private static readonly ModelFile _model = Model();
    private static readonly SupportFile _support = new(new SupportSet(
        new ExampleSet([.. Enumerable.Range(0, 6).SelectMany(i => _glyphs.Image(i / 3, i % 3))], [0, 0, 0, 1, 1, 1], []), ["a", "b"]), 2);

    private readonly BlobStore _blobs = new();
    private readonly BlobStore _coordinators = new();
    private readonly WorkerServices _services;
    private readonly TestProbe _shard;
    private readonly IActorRef _entity;
    private readonly string _holder;

    public SessionEntityTests()
    {
        _services = new WorkerServices(new WorkerSettings { Node = new NodeSettings { Roles = [NodeSettings.WorkerRole] }, Threads = 1 }, _blobs, TimeProvider.System, KernelChooser.OfThisMachine);
        _holder = Sys.ActorOf(BlobHolder.Props(_coordinators)).Path.ToString();
        _shard = CreateTestProbe();
        _entity = _shard.ChildActorOf(Props.Create(() => new SessionEntity(_session, _services.Sessions)));
    }

    private OpenSession Open => new(_session, _coordinators.Put(_model.ToSafetensors()), _coordinators.Put(_support.ToSafetensors()), _holder);

    protected override void AfterAll()
    {
        base.AfterAll();
        _services.Dispose();
    }

    [Fact]
    public void Predict_NeverOpened_IsUnknown()
    {
        _entity.Tell(new PredictInSession(_session, Inputs(0), _holder), TestActor);
        Assert.Equal(new SessionUnknown(_session), ExpectMsg<SessionUnknown>(TestTime.Limit));
        _entity.Tell(new KeepSession(_session), TestActor);
        ExpectMsg<SessionUnknown>(TestTime.Limit);
    }

    [Fact]
    public void Predict_Opened_SaysWhatTheModelAdaptedHereSays()
    {
        _entity.Tell(Open, TestActor);
        // Questions that arrive before it is adapted are answered after it.
        _entity.Tell(new PredictInSession(_session, Inputs(0, 1), _holder), TestActor);
        _entity.Tell(Open, TestActor);
        ExpectMsg<SessionOpened>(TestTime.Limit);
        SessionPredicted predicted = FishForMessage<SessionPredicted>(_ => true, TestTime.Limit);
        AdaptedFile adapted = ModelAdapter.Adapt(_model, _support.Support.Examples, _support.Support.Labels, 2);
        using Predictor predictor = new(adapted);
        Assert.Equal(predictor.Predict([.. _glyphs.Image(0, 5), .. _glyphs.Image(1, 5)]).SelectMany(row => row), predicted.Values.AsEnumerable());
        _entity.Tell(new KeepSession(_session), TestActor);
        SessionKept kept = FishForMessage<SessionKept>(_ => true, TestTime.Limit);
        Assert.True(_blobs.TryGet(kept.File, out ReadOnlyMemory<byte> file));
        Assert.Equal(adapted, AdaptedFile.FromSafetensors(SafetensorsReader.Read(file, "it"), "it"));

        Watch(_entity);
        _entity.Tell(PoisonPill.Instance);
        ExpectTerminated(_entity, TestTime.Limit);
        Assert.False(_blobs.TryGet(kept.File, out _));
    }

    [Fact]
    public void Open_WhatCannotBeAdapted_IsRefusedAndCanBeOpenedAgain()
    {
        OpenSession open = Open;
        _entity.Tell(open with { Support = _coordinators.Put(new byte[] { 1, 2, 3 }) }, TestActor);
        Assert.False(ExpectMsg<SessionRefused>(TestTime.Limit).IsWorkers);
        _entity.Tell(open with { Support = new BlobId(open.Support.Sha256[..^1] + (open.Support.Sha256[^1] == '0' ? '1' : '0'), 5) }, TestActor);
        Assert.True(ExpectMsg<SessionRefused>(TestTime.Limit).IsWorkers);
        _entity.Tell(open, TestActor);
        ExpectMsg<SessionOpened>(TestTime.Limit);
    }

    [Fact]
    public void Close_Opened_AsksItsShardToStopIt()
    {
        _entity.Tell(Open, TestActor);
        ExpectMsg<SessionOpened>(TestTime.Limit);
        _entity.Tell(new CloseSession(_session), TestActor);
        _shard.ExpectMsg<Akka.Cluster.Sharding.Passivate>(TestTime.Limit);
    }

    [Fact]
    public async Task Close_BeforeItsTurn_AdaptsNothing()
    {
        using ManualResetEventSlim gate = new();
        TaskCompletionSource passed = new();
        _services.Sessions.Thread.Adapt(() => gate.Wait(TestTime.Limit));
        OpenSession open = new(_session, _blobs.Put(_model.ToSafetensors()), _blobs.Put(_support.ToSafetensors()), _holder);
        _entity.Tell(open, TestActor);
        // Its turn is asked for once it has taken both blobs in, which it tells itself.
        for (int round = 0; round < 3; round++)
        {
            await _entity.Ask<ActorIdentity>(new Identify(round), TestTime.Limit);
        }

        Watch(_entity);
        _entity.Tell(PoisonPill.Instance);
        ExpectTerminated(_entity, TestTime.Limit);
        gate.Set();
        _services.Sessions.Thread.Adapt(passed.SetResult);
        await passed.Task.WaitAsync(TestTime.Limit);
        Assert.Null(_services.Sessions.Shelf.Model(open.Model));
    }

    [Fact]
    public async Task Close_Adapting_EndsTheAdaptation()
    {
        OpenSession open = WithoutEnd();
        _entity.Tell(open, TestActor);
        await AwaitConditionAsync(() => Task.FromResult(_services.Sessions.Shelf.Model(open.Model) is not null), TestTime.Limit);
        Watch(_entity);
        _entity.Tell(new CloseSession(_session), TestActor);
        _shard.ExpectMsg<Akka.Cluster.Sharding.Passivate>(TestTime.Limit);
        _entity.Tell(PoisonPill.Instance);
        ExpectTerminated(_entity, TestTime.Limit);
        TaskCompletionSource passed = new();
        _services.Sessions.Thread.Adapt(passed.SetResult);
        await passed.Task.WaitAsync(TestTime.Limit);
    }

    [Fact]
    public void Open_NobodyAsksAnyMoreWhileItAdapts_AsksItsShardToStopIt()
    {
        _entity.Tell(WithoutEnd(), TestActor);
        _entity.Tell(ReceiveTimeout.Instance);
        _shard.ExpectMsg<Akka.Cluster.Sharding.Passivate>(TestTime.Limit);
        _entity.Tell(PoisonPill.Instance);
    }

    private OpenSession WithoutEnd() =>
        new(_session, _blobs.Put(_model.ToSafetensors()), _blobs.Put((_support with { InnerSteps = int.MaxValue }).ToSafetensors()), _holder);

    private static ModelFile Model()
    {
        RunOptions options = OptionValues.Of(("ways", 2), ("filters", 4), ("queries", 1)).Resolve();
        MetaTraining training = new("m", options, _glyphs.Catalog);
        return new ModelFile("m", 1, options, training.Shape, training.Begin().Parameters);
    }

    private BlobId Inputs(params int[] classes) =>
        _coordinators.Put(MemoryMarshal.AsBytes<float>(classes.SelectMany(index => _glyphs.Image(index, 5)).ToArray()).ToArray());
}
