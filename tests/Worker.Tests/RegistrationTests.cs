using System.Diagnostics;
using Akka;
using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Worker.Tests.Runs;

namespace MetaMap.Worker.Tests;

/// <summary>The agent at a real cluster node, whose workforce is played by the test.</summary>
public sealed class RegistrationTests : ClusterTestKit
{
    private readonly ManualTime _time = new();
    private readonly WorkerServices _services;
    private readonly TestProbe _runs;
    private readonly TestProbe _workforce;
    private readonly IActorRef _agent;

    public RegistrationTests()
    {
        _services = new WorkerServices(new WorkerSettings { Node = new NodeSettings { Roles = [NodeSettings.WorkerRole] }, Threads = 3 }, new BlobStore(), _time, KernelChooser.OfThisMachine);
        _runs = CreateTestProbe();
        _workforce = CreateTestProbe();
        _workforce.IgnoreMessages(message => message is LanesReported);
        BeWorkforce(_workforce.Ref);
        _agent = Sys.ActorOf(Props.Create(() => new WorkerAgent(_services, _runs.Ref)));
        Cluster.Get(Sys).Join(Cluster.Get(Sys).SelfAddress);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _services.Dispose();
    }

    [Fact]
    public void CoordinatorIsUp_TheWorkerRegistersUntilItIsWelcomed()
    {
        RegisterWorker expected = _workforce.ExpectMsg<RegisterWorker>(TestTime.Limit);
        Assert.Equal((_services.WorkerId, ProtocolVersion.Current, 3, "cpu", ""), (expected.WorkerId, expected.ProtocolVersion, expected.Lanes, expected.Device, expected.Kernels));
        Assert.False(_services.WasRegistered);
        Assert.Equal(expected, _workforce.ExpectMsg<RegisterWorker>(TestTime.Limit));
        _workforce.Reply(new WorkerRegistered(_services.WorkerId));
        AwaitAssert(() => Assert.True(_services.WasRegistered), TestTime.Limit);
    }

    [Fact]
    public void RunOpened_ThatDoesNotFit_TheWorkforceHearsTheReason()
    {
        _agent.Tell(Leases.Opened with { LayoutDigest = "0123456789" }, _workforce.Ref);
        RunDeclined declined = (RunDeclined)_workforce.FishForMessage(message => message is RunDeclined, TestTime.Limit);
        Assert.Equal((Leases.Opened.RunId, _services.WorkerId), (declined.RunId, declined.WorkerId));
        Assert.Contains("run run has 01234567", declined.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_TheHostHearsTheReason()
    {
        TaskCompletionSource<string> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _services.Refused = refused.SetResult;
        _workforce.ExpectMsg<RegisterWorker>(TestTime.Limit);
        _workforce.Reply(new WorkerRefused(_services.WorkerId, "another version"));
        Assert.Equal("another version", await refused.Task.WaitAsync(TestTime.Limit));
    }

    [Fact]
    public async Task Drain_CoordinatorsHearThatTheWorkerLeaves()
    {
        _workforce.ExpectMsg<RegisterWorker>(TestTime.Limit);
        _agent.Tell(new WorkerRegistered(_services.WorkerId), _workforce.Ref);
        await _agent.Ask<Done>(Drain.Instance, TestTime.Limit);
        Assert.Equal(_services.WorkerId, ((WorkerLeaving)_workforce.FishForMessage(message => message is WorkerLeaving, TestTime.Limit)).WorkerId);
    }

    [Fact]
    public async Task NoCoordinatorAnswers_TheClusterIsLostOnce()
    {
        TaskCompletionSource<string> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _services.Lost = lost.SetResult;
        _workforce.ExpectMsg<RegisterWorker>(TestTime.Limit);
        _agent.Tell(new WorkerRegistered(_services.WorkerId), _workforce.Ref);
        AwaitAssert(() => Assert.True(_services.WasRegistered), TestTime.Limit);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("no coordinator has answered for 20 s", await lost.Task.WaitAsync(TestTime.Limit));
        Assert.True(_services.IsLost);
        // Told once, however long it lasts: a second call would throw in the actor and be seen as a new start without a registration.
        _workforce.ExpectMsg<RegisterWorker>(TestTime.Limit);
        _workforce.ExpectMsg<RegisterWorker>(TestTime.Limit);
    }

    [Fact]
    public void HealthFileOnADiskThatHangs_TheWorkerGoesOn()
    {
        using TemporaryDirectory folder = new();
        string pipe = Path.Combine(folder.Path, "health");
        using (Process make = Process.Start("mkfifo", pipe))
        {
            make.WaitForExit();
        }

        using WorkerServices services = new(_services.Settings with { HealthFile = new HealthFile(pipe) }, new BlobStore(), _time, KernelChooser.OfThisMachine);
        IActorRef agent = Sys.ActorOf(Props.Create(() => new WorkerAgent(services, _runs.Ref)));
        ExpectRegistration();
        agent.Tell(new WorkerRegistered(services.WorkerId), _workforce.Ref);
        ExpectRegistration();
        ExpectRegistration();
        // Nobody has read the pipe, so the write still waits.
        Assert.Equal(services.WorkerId.Value + "\n", File.ReadAllText(pipe));

        void ExpectRegistration() => _workforce.FishForMessage(message => message is RegisterWorker register && register.WorkerId == services.WorkerId, TestTime.Limit);
    }
}
