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
    private readonly WorkerServices _services = new(new WorkerSettings { Node = new NodeSettings { Roles = [NodeSettings.WorkerRole] }, Lanes = 3, LostAfter = TimeSpan.FromSeconds(5) }, new BlobStore());
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
        RegisterWorker expected = new(_services.WorkerId, ProtocolVersion.Current, _services.SoftwareVersion, 3, "cpu", "");
        Assert.Equal(expected, _workforce.ExpectMsg<RegisterWorker>(Limit));
        Assert.False(_services.WasRegistered);
        Assert.Equal(expected, _workforce.ExpectMsg<RegisterWorker>(Limit));
        _workforce.Reply(new WorkerRegistered(_services.WorkerId));
        RunOpened opened = new(new RunId("run"), "{}", "d", "l", 1);
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

    [Fact]
    public async Task NoCoordinatorAnswers_TheClusterIsLostOnce()
    {
        TaskCompletionSource<string> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _services.Lost = lost.SetResult;
        _workforce.ExpectMsg<RegisterWorker>(Limit);
        _registration.Tell(new WorkerRegistered(_services.WorkerId), _workforce.Ref);
        Assert.Equal("no coordinator has answered for 5 s", await lost.Task.WaitAsync(Limit));
        Assert.True(_services.IsLost);
        // Told once, however long it lasts: a second call would throw in the actor and be seen as a new start without a registration.
        _workforce.ExpectMsg<RegisterWorker>(Limit);
        _workforce.ExpectMsg<RegisterWorker>(Limit);
    }

    [Fact]
    public async Task Unknown_ToACoordinatorThatHadWelcomedIt_TheClusterIsLost()
    {
        TaskCompletionSource<string> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _services.Lost = reason => lost.TrySetResult(reason);
        _workforce.ExpectMsg<RegisterWorker>(Limit);
        // A coordinator that has not heard of the new member yet.
        _registration.Tell(new WorkerUnknown(_services.WorkerId), _workforce.Ref);
        _registration.Tell(new WorkerRegistered(_services.WorkerId), _workforce.Ref);
        _workforce.ExpectMsg<RegisterWorker>(Limit);
        Assert.False(_services.IsLost);
        _registration.Tell(new WorkerUnknown(_services.WorkerId), _workforce.Ref);
        Assert.EndsWith("was started anew", await lost.Task.WaitAsync(Limit), StringComparison.Ordinal);
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef to) => ReceiveAny(to.Forward);
    }
}
