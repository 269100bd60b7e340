using Akka;
using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Tests;

public sealed class RegistrationTests : ClusterTestKit
{
    private readonly WorkerServices _services = new(new WorkerSettings { Node = new NodeSettings { Roles = [NodeSettings.WorkerRole] }, Lanes = 3 }, new BlobStore());
    private readonly TestProbe _agent;
    private readonly TestProbe _workforce;
    private readonly IActorRef _registration;

    public RegistrationTests()
    {
        _agent = CreateTestProbe();
        _workforce = CreateTestProbe();
        Sys.ActorOf(Props.Create(() => new Forwarder(_workforce.Ref)), Workforce.Name);
        _registration = Sys.ActorOf(Props.Create(() => new Registration(_services, _agent.Ref)));
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
        RegisterWorker expected = new(_services.WorkerId, ProtocolVersion.Current, _services.SoftwareVersion, 3, "cpu");
        Assert.Equal(expected, _workforce.ExpectMsg<RegisterWorker>(Limit));
        Assert.False(_services.WasRegistered);
        Assert.Equal(expected, _workforce.ExpectMsg<RegisterWorker>(Limit));
        _workforce.Reply(new WorkerRegistered(_services.WorkerId));
        RunOpened opened = new(new RunId("run"), "{}", "d", "l");
        _registration.Tell(opened, _workforce.Ref);
        _registration.Tell(new RunClosed(new RunId("run")), _workforce.Ref);
        _agent.ExpectMsg(opened, Limit);
        Assert.Equal(_workforce.Ref, _agent.LastSender);
        _agent.ExpectMsg<RunClosed>(Limit);
        Assert.True(_services.WasRegistered);
    }

    [Fact]
    public async Task Refused_TheHostHearsTheReason()
    {
        TaskCompletionSource<string> refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _services.Refused = refused.SetResult;
        _workforce.ExpectMsg<RegisterWorker>(Limit);
        _workforce.Reply(new WorkerRefused(_services.WorkerId, "another version"));
        Assert.Equal("another version", await refused.Task.WaitAsync(Limit));
    }

    [Fact]
    public async Task Leave_CoordinatorsHearOfIt()
    {
        _workforce.ExpectMsg<RegisterWorker>(Limit);
        _registration.Tell(new WorkerRegistered(_services.WorkerId), _workforce.Ref);
        await _registration.Ask<Done>(Registration.Leave.Instance, Limit);
        WorkerLeaving leaving = (WorkerLeaving)_workforce.FishForMessage(message => message is WorkerLeaving, Limit);
        Assert.Equal(_services.WorkerId, leaving.WorkerId);
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef to) => ReceiveAny(to.Forward);
    }
}
