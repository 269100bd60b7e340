using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using MetaMap.Shared.Dispatchers;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Membership;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;
using MetaMap.Shared.Tests.Serialization;
using MetaMap.Testing;
using MetaMap.Training.Rounds;

namespace MetaMap.Shared.Tests.Hosting;

/// <summary>Two real actor systems in this process over loopback TCP.</summary>
public class MetaMapNodeTests
{

    [Fact]
    public async Task AddMetaMapNode_CoordinatorAndWorker_FormAClusterAndRunsAreReachedThroughTheProxy()
    {
        await using TestNode coordinator = await TestNode.StartAsync(
            NodeSettings.CoordinatorRole, [], akka => RunRegion.Host(akka, run => Props.Create(() => new EchoRun(run))));
        await using TestNode worker = await TestNode.StartAsync(
            NodeSettings.WorkerRole, [coordinator.HostPort], akka => RunRegion.Reach(akka));
        await coordinator.SeesMembersAsync(2, TestTime.Limit);
        await worker.SeesMembersAsync(2, TestTime.Limit);

        BlockLeased lease = await worker.Runs.Ask<BlockLeased>(new RequestBlocks(SampleMessages.Run, SampleMessages.Worker, 2, "direct"), TestTime.Limit);
        Assert.Equal(SampleMessages.Block, lease.Block);
        Assert.Equal(SampleMessages.Run, lease.Lease.RunId);

        RunStarted local = await coordinator.Runs.Ask<RunStarted>(new StartRun(new RunId("other"), "{}", false, false, RunPolicy.Default), TestTime.Limit);
        Assert.Equal(new RunId("other"), local.RunId);
    }

    [Fact]
    public async Task AddMetaMapNode_Configuration_IsInForce()
    {
        await using TestNode node = await TestNode.StartAsync(NodeSettings.CoordinatorRole, []);
        await node.SeesMembersAsync(1, TestTime.Limit);
        Config config = node.System.Settings.Config;

        Assert.False(config.GetBoolean("akka.actor.serialization-settings.allow-unregistered-types"));
        Assert.StartsWith(typeof(CoordinatorDowning).FullName!, config.GetString("akka.cluster.downing-provider-class"), StringComparison.Ordinal);
        Assert.Equal(10_000, config.GetInt("akka.cluster.failure-detector.monitored-by-nr-of-members"));
        Assert.Equal(TimeSpan.FromSeconds(60), config.GetTimeSpan("akka.cluster.shutdown-after-unsuccessful-join-seed-nodes"));
        Assert.Equal(SleepingThreads.ConfiguratorName, config.GetString("akka.actor.internal-dispatcher.executor"));
        Assert.Equal(SleepingThreads.ConfiguratorName, config.GetString("akka.remote.default-remote-dispatcher.executor"));

        Assert.IsType<StandardErrorLogger>(node.System.Settings.StdoutLogger);

        Akka.Serialization.Serialization serialization = node.System.Serialization;
        Assert.IsType<ControlSerializer>(serialization.FindSerializerFor(SampleMessages.Control[0]));
        Assert.IsType<TensorSerializer>(serialization.FindSerializerFor(new BlobUnavailable(SampleMessages.Blob)));
        Assert.Throws<SerializationException>(() => serialization.FindSerializerFor(new Unregistered("text")));
    }

    private sealed record Unregistered(string Text);

    private sealed class EchoRun : ReceiveActor
    {
        public EchoRun(RunId run)
        {
            Receive<RequestBlocks>(_ => Sender.Tell(new BlockLeased(new LeaseId(run, RoundId.Iteration(1), 2, 1), SampleMessages.Block.Episodes, 0, false, SampleMessages.Blob, "p")));
            Receive<StartRun>(_ => Sender.Tell(new RunStarted(run, 0)));
        }
    }
}
