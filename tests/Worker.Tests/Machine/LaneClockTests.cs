using MetaMap.Shared.Messages;
using MetaMap.Worker.Machine;
using MetaMap.Worker.Tests.Runs;

namespace MetaMap.Worker.Tests.Machine;

public sealed class LaneClockTests
{
    private readonly WorkerLab _worker = new();

    [Fact]
    public void Times_OfTwoLanes_AreSplitByWhatTheyWaitForAndDo()
    {
        _worker.Open();
        Pass(1, new WorkerInput.Leased(Leases.Lease(0)));
        Assert.Equal(new LaneTimes(2, 0, 0, 0), _worker.State.Clock.Times);
        // One lane waits for parameters, the other for a lease.
        Pass(2, new WorkerInput.ParametersHere(Leases.Version, Leases.Parameters.Bytes.ToArray()));
        Assert.Equal(new LaneTimes(4, 2, 0, 0), _worker.State.Clock.Times);
        Pass(4, new WorkerInput.LaneEnded(0, Leases.Lease(0).Lease, new BlockOutcome.Adapted([], WorkerLab.Gradient(1)) { Loading = TimeSpan.FromSeconds(1) }));
        Assert.Equal(new LaneTimes(8, 2, 1, 3), _worker.State.Clock.Times);
        Assert.Equal(2 * _worker.Now.TotalSeconds, _worker.State.Clock.Times.Total);
    }

    [Fact]
    public void Times_AreReportedToCoordinatorsThatHaveWelcomedTheWorker()
    {
        _worker.Take(new WorkerInput.CoordinatorUp(WorkerLab.Coordinator));
        Pass(1, new WorkerInput.Tick(true));
        Assert.DoesNotContain(_worker.Done<WorkerEffect.TellWorkforce>(), tell => tell.Message is LanesReported);
        _worker.Take(new WorkerInput.Welcomed(WorkerLab.Coordinator));
        Pass(2, new WorkerInput.Tick(true));
        Assert.Contains(new WorkerEffect.TellWorkforce(WorkerLab.Coordinator, new LanesReported(WorkerLab.Id, new LaneTimes(6, 0, 0, 0))), _worker.Effects);
    }

    private void Pass(int seconds, WorkerInput input)
    {
        _worker.Now += TimeSpan.FromSeconds(seconds);
        _worker.Take(input);
    }
}
