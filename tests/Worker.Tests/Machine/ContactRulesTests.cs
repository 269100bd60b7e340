using Akka.Actor;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Machine;

namespace MetaMap.Worker.Tests.Machine;

public sealed class ContactRulesTests
{
    private static readonly Address _first = WorkerLab.Coordinator;
    private static readonly Address _second = WorkerLab.Coordinator.WithPort(4054);

    private readonly WorkerLab _worker = new();

    private IEnumerable<Address> RegistersWith => _worker.Done<WorkerEffect.TellWorkforce>().Where(tell => tell.Message is RegisterWorker).Select(tell => tell.Coordinator);

    [Fact]
    public void CoordinatorUp_IsRegisteredWithAtOnceAndAgainUntilItIsRemoved()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(_first));
        Assert.Equal(
            new WorkerEffect.TellWorkforce(_first, new RegisterWorker(WorkerLab.Id, ProtocolVersion.Current, "1.2.3", 2, "cpu", "")), Assert.Single(_worker.Effects));
        _worker.Take(new WorkerInput.CoordinatorUp(_first));
        Assert.Empty(_worker.Effects);
        _worker.Take(new WorkerInput.CoordinatorUp(_second));
        Assert.Equal([_first, _second], RegistersWith);
        _worker.Take(new WorkerInput.Tick(true));
        Assert.Equal([_first, _second], RegistersWith);
        _worker.Take(new WorkerInput.NodeRemoved(_first)).Take(new WorkerInput.Tick(true));
        Assert.Equal([_second], RegistersWith);
    }

    [Fact]
    public void Register_AfterARunIsOpen_NamesItsKernels()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(_first)).Open().Take(new WorkerInput.Tick(true));
        Assert.Equal("direct", Assert.IsType<RegisterWorker>(_worker.Done<WorkerEffect.TellWorkforce>().Single().Message).Kernels);
    }

    [Fact]
    public void Welcomed_HealthIsShownFromThenOnUntilTheClusterIsLost()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(_first)).Take(new WorkerInput.Tick(true));
        Assert.Empty(_worker.Done<WorkerEffect.ShowHealth>());
        _worker.Take(new WorkerInput.Welcomed(_first));
        Assert.Single(_worker.Done<WorkerEffect.ShowRegistered>());
        _worker.Take(new WorkerInput.Welcomed(_first));
        Assert.Empty(_worker.Effects);
        _worker.Take(new WorkerInput.Tick(true));
        Assert.Single(_worker.Done<WorkerEffect.ShowHealth>());
        _worker.Take(new WorkerInput.CutOff(_first)).Take(new WorkerInput.Tick(true));
        Assert.Empty(_worker.Done<WorkerEffect.ShowHealth>());
    }

    [Fact]
    public void Tick_NobodyAnswersForTheTime_TheClusterIsLostOnce()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(_first));
        _worker.Now = TimeSpan.FromSeconds(3);
        _worker.Take(new WorkerInput.Welcomed(_first));
        _worker.Now = TimeSpan.FromSeconds(22.9);
        _worker.Take(new WorkerInput.Tick(true));
        Assert.Null(Lost());
        _worker.Now = TimeSpan.FromSeconds(23);
        _worker.Take(new WorkerInput.Tick(true));
        Assert.Equal("no coordinator has answered for 20 s", Lost());
        _worker.Take(new WorkerInput.Tick(true)).Take(new WorkerInput.CutOff(_first));
        Assert.Null(Lost());
    }

    [Fact]
    public void Tick_NoMemberYet_TheClusterIsNotLost()
    {
        _worker.Now = TimeSpan.FromSeconds(60);
        _worker.Take(new WorkerInput.Tick(false));
        Assert.Null(Lost());
        _worker.Now = TimeSpan.FromSeconds(79.9);
        _worker.Take(new WorkerInput.Tick(true));
        Assert.Null(Lost());
        _worker.Now = TimeSpan.FromSeconds(80);
        Assert.NotNull(Lost(new WorkerInput.Tick(true)));
    }

    [Fact]
    public void Unknown_ToACoordinatorThatHadWelcomedIt_TheClusterIsLost()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(_first));
        Assert.Null(Lost(new WorkerInput.Unknown(_first)));
        _worker.Take(new WorkerInput.Welcomed(_first));
        Assert.Null(Lost(new WorkerInput.Unknown(_second)));
        Assert.EndsWith("4053 was started anew", Lost(new WorkerInput.Unknown(_first)), StringComparison.Ordinal);
    }

    [Fact]
    public void CutOff_ByACoordinator_TheClusterIsLost()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(_first));
        Assert.Null(Lost(new WorkerInput.CutOff(_second)));
        Assert.EndsWith("4053 has removed this node", Lost(new WorkerInput.CutOff(_first)), StringComparison.Ordinal);
    }

    [Fact]
    public void Refused_EndsTheProcessWithTheReason() =>
        Assert.Equal([new WorkerEffect.End("another version")], _worker.Take(new WorkerInput.Refused("another version")).Effects);

    private string? Lost(WorkerInput? input = null)
    {
        if (input is not null)
        {
            _worker.Take(input);
        }

        return _worker.Done<WorkerEffect.JoinAnew>().SingleOrDefault()?.Reason;
    }
}
