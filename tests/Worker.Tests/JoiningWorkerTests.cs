using Akka.Actor;
using Akka.Cluster;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Testing;

namespace MetaMap.Worker.Tests;

/// <summary>A worker whose coordinator dies before the worker is an up member: nobody is left who could make it one.</summary>
public sealed class JoiningWorkerTests() : ClusterTestKit("\nakka.cluster.min-nr-of-members = 2")
{
    [Fact]
    public async Task NobodyAnswersWhileItIsJoining_TheClusterIsLost()
    {
        ManualTime time = new();
        using WorkerServices services = new(
            new WorkerSettings { Node = new NodeSettings { Roles = [NodeSettings.WorkerRole] }, Threads = 1 }, new BlobStore(), time, KernelChooser.OfThisMachine);
        TaskCompletionSource<string> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        services.Lost = lost.SetResult;
        Sys.ActorOf(Props.Create(() => new WorkerAgent(services, TestActor)));
        Cluster.Get(Sys).Join(Cluster.Get(Sys).SelfAddress);
        AwaitAssert(() => Assert.Equal(MemberStatus.Joining, Cluster.Get(Sys).SelfMember.Status), TestTime.Limit);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("no coordinator has answered for 20 s", await lost.Task.WaitAsync(TestTime.Limit));
        Assert.Equal(MemberStatus.Joining, Cluster.Get(Sys).SelfMember.Status);
    }
}
