using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit;
using MetaMap.Coordinator.Workers;
using MetaMap.Shared.Messages;
using MetaMap.Testing;

namespace MetaMap.Coordinator.Tests.Workers;

public sealed class WorkforceActorTests : ClusterTestKit
{
    private static readonly RunOpened _opened = new(new RunId("run"), "{}", "d", "l", 1);

    private readonly WorkerBoard _board = new();
    private readonly TestProbe _runs;
    private readonly IActorRef _workforce;

    public WorkforceActorTests()
    {
        _runs = CreateTestProbe();
        _workforce = Sys.ActorOf(Props.Create(() => new WorkforceActor(_board, _runs.Ref)));
    }

    [Fact]
    public void Register_SameProtocol_IsWelcomedAndToldOfOpenRuns()
    {
        _workforce.Tell(_opened);
        TestProbe worker = Register("w-1");
        worker.ExpectMsg(_opened, TestTime.Limit);
        WorkerSnapshot shown = Assert.Single(_board.Workers);
        Assert.Equal(
            new WorkerSnapshot(new WorkerId("w-1"), Cluster.Get(Sys).SelfAddress.ToString(), "0.1.0", 2, "cpu", "direct", 0, 0), shown);
    }

    [Fact]
    public void Register_OtherProtocol_IsRefusedNamingBothSides()
    {
        TestProbe worker = CreateTestProbe();
        _workforce.Tell(_opened);
        _workforce.Tell(new RegisterWorker(new WorkerId("w-9"), ProtocolVersion.Current + 6, "9.9.9", 2, "cpu", "direct"), worker.Ref);
        WorkerRefused refused = worker.ExpectMsg<WorkerRefused>(TestTime.Limit);
        Assert.Equal(
            $"worker w-9 (version 9.9.9) speaks protocol {ProtocolVersion.Current + 6}, this coordinator speaks {ProtocolVersion.Current}: build both from the same version",
            refused.Reason);
        Settle();
        Assert.Empty(_board.Workers);
        worker.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void Excluded_Worker_IsMarkedWithTheReason()
    {
        Register("w-1");
        _workforce.Tell(new WorkerExcluded(new RunId("run"), new WorkerId("w-1"), "worker w-1 gave other bits"));
        Settle();
        Assert.Equal("excluded from run run: worker w-1 gave other bits", Assert.Single(_board.Workers).Status);
        _workforce.Tell(new RunClosed(new RunId("other")));
        Settle();
        Assert.False(Assert.Single(_board.Workers).IsReady);
        _workforce.Tell(new RunClosed(new RunId("run")));
        Settle();
        Assert.True(Assert.Single(_board.Workers).IsReady);
    }

    [Fact]
    public void Register_WorkerOfAnotherCluster_IsNotTakenIn()
    {
        IActorRef stranger = ((ExtendedActorSystem)Sys).Provider.ResolveActorRef("akka.tcp://metamap@127.0.0.1:9/user/agent");
        _workforce.Tell(new RegisterWorker(new WorkerId("w-1"), ProtocolVersion.Current, "0.1.0", 2, "cpu", "direct"), stranger);
        Settle();
        Assert.Empty(_board.Workers);
    }

    [Fact]
    public void Register_Again_KeepsTheCounts()
    {
        TestProbe worker = Register("w-1");
        _workforce.Tell(new BlockCounted(new WorkerId("w-1"), 4));
        _workforce.Tell(new BlockCounted(new WorkerId("w-1"), 3));
        _workforce.Tell(new BlockCounted(new WorkerId("nobody"), 3));
        Register("w-1", worker);
        WorkerSnapshot shown = Assert.Single(_board.Workers);
        Assert.Equal((2, 7), (shown.CountedBlocks, shown.CountedEpisodes));
    }

    [Fact]
    public void RunOpenedAndClosed_AllWorkersHear()
    {
        TestProbe one = Register("w-1");
        TestProbe two = Register("w-2");
        _workforce.Tell(_opened);
        one.ExpectMsg(_opened, TestTime.Limit);
        two.ExpectMsg(_opened, TestTime.Limit);
        _workforce.Tell(new RunClosed(new RunId("run")));
        one.ExpectMsg<RunClosed>(TestTime.Limit);
        Settle();
        TestProbe late = Register("w-3");
        late.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void WorkerLeaves_OpenRunsHearAndItIsForgotten()
    {
        _workforce.Tell(_opened);
        _workforce.Tell(_opened with { RunId = new RunId("other") });
        TestProbe worker = Register("w-1");
        _workforce.Tell(new WorkerLeaving(new WorkerId("w-1")), worker.Ref);
        WorkerLost[] lost = [_runs.ExpectMsg<WorkerLost>(TestTime.Limit), _runs.ExpectMsg<WorkerLost>(TestTime.Limit)];
        Assert.Equal(["other", "run"], lost.Select(message => message.RunId.Value).Order(StringComparer.Ordinal));
        Assert.All(lost, message => Assert.Equal("w-1", message.WorkerId.Value));
        Assert.Empty(_board.Workers);
    }

    [Fact]
    public void WorkerDies_OpenRunsHearAndItIsForgotten()
    {
        _workforce.Tell(_opened);
        TestProbe worker = Register("w-1");
        Sys.Stop(worker.Ref);
        _runs.ExpectMsg(new WorkerLost(new RunId("run"), new WorkerId("w-1")), TestTime.Limit);
        Assert.Empty(_board.Workers);
    }

    [Fact]
    public void NodeUnreachable_ItsWorkersLoseTheirLeasesAndMayComeBack()
    {
        _workforce.Tell(_opened);
        Register("w-1");
        Member member = Cluster.Get(Sys).SelfMember;
        _workforce.Tell(new ClusterEvent.UnreachableMember(member));
        _runs.ExpectMsg(new WorkerLost(new RunId("run"), new WorkerId("w-1")), TestTime.Limit);
        Assert.Equal("unreachable", Assert.Single(_board.Workers).Status);
        _workforce.Tell(new ClusterEvent.ReachableMember(member));
        Settle();
        Assert.Equal("ready", Assert.Single(_board.Workers).Status);
    }

    [Fact]
    public void RunIsOverWhileTheNodeIsUnreachable_TheWorkerStaysUnreachable()
    {
        _workforce.Tell(_opened);
        Register("w-1");
        _workforce.Tell(new RunDeclined(new RunId("run"), new WorkerId("w-1"), "no data here"));
        _workforce.Tell(new ClusterEvent.UnreachableMember(Cluster.Get(Sys).SelfMember));
        _workforce.Tell(new RunClosed(new RunId("run")));
        Settle();
        Assert.Equal("unreachable", Assert.Single(_board.Workers).Status);
    }

    [Fact]
    public void WorkerDeclinesARun_TheReasonIsShownUntilTheRunIsOver()
    {
        _workforce.Tell(_opened);
        Register("w-1");
        _workforce.Tell(new RunDeclined(new RunId("run"), new WorkerId("w-1"), "no data here"));
        Settle();
        Assert.Equal("declined run run: no data here", Assert.Single(_board.Workers).Status);
        _workforce.Tell(new RunClosed(new RunId("run")));
        Settle();
        Assert.Equal("ready", Assert.Single(_board.Workers).Status);
    }

    [Fact]
    public void WorkerDeclinesARun_ItsTrainerHearsWhoIsLeft()
    {
        TestProbe trainer = CreateTestProbe();
        TestProbe one = Register("w-1");
        Register("w-2");
        _workforce.Tell(_opened, trainer.Ref);
        Assert.Equal((2, false), Told(trainer));
        RunDeclined declined = new(_opened.RunId, new WorkerId("w-1"), "a.png is cut off", IsBadData: true);
        _workforce.Tell(declined);
        Assert.Equal((1, false), Told(trainer, declined));
        // Said again, it changes nothing; each worker that comes or goes does.
        _workforce.Tell(declined);
        RunDeclined other = declined with { WorkerId = new WorkerId("w-2") };
        _workforce.Tell(other);
        Assert.Equal((0, true), Told(trainer, declined, other));
        Register("w-3");
        Assert.Equal((1, false), Told(trainer, declined, other));
        _workforce.Tell(new WorkerLeaving(new WorkerId("w-1")), one.Ref);
        Assert.Equal((1, false), Told(trainer, other));
        // A run that is over is declined by nobody.
        _workforce.Tell(new RunClosed(_opened.RunId));
        _workforce.Tell(declined with { WorkerId = new WorkerId("w-3") });
        Settle();
        trainer.ExpectNoMsg(TimeSpan.Zero);
        Assert.All(_board.Workers, worker => Assert.True(worker.IsReady));
    }

    [Fact]
    public void Staff_WorkersComeGoAndCannotBeReached_ItsTrainerHearsHowManyAreThere()
    {
        TestProbe trainer = CreateTestProbe();
        _workforce.Tell(_opened, trainer.Ref);
        Assert.Equal((0, false), Told(trainer));
        TestProbe worker = Register("w-1");
        Assert.Equal((1, false), Told(trainer));
        _workforce.Tell(new ClusterEvent.UnreachableMember(Cluster.Get(Sys).SelfMember));
        Assert.Equal((0, false), Told(trainer));
        _workforce.Tell(new ClusterEvent.ReachableMember(Cluster.Get(Sys).SelfMember));
        Assert.Equal((1, false), Told(trainer));
        _workforce.Tell(new WorkerLeaving(new WorkerId("w-1")), worker.Ref);
        Assert.Equal((0, false), Told(trainer));
    }

    private static (int Others, bool IsForsaken) Told(TestProbe trainer, params RunDeclined[] declined)
    {
        RunStaff staff = trainer.ExpectMsg<RunStaff>(TestTime.Limit);
        Assert.Equal(declined, staff.Declined);
        return (staff.Others, staff.IsForsaken);
    }

    private TestProbe Register(string worker, TestProbe? probe = null)
    {
        probe ??= CreateTestProbe();
        _workforce.Tell(new RegisterWorker(new WorkerId(worker), ProtocolVersion.Current, "0.1.0", 2, "cpu", "direct"), probe.Ref);
        probe.ExpectMsg(new WorkerRegistered(new WorkerId(worker)), TestTime.Limit);
        return probe;
    }

    // The workforce has handled everything that was sent before.
    private void Settle()
    {
        _workforce.Tell(new Identify(1), TestActor);
        FishForMessage(message => message is ActorIdentity, TestTime.Limit);
    }
}
