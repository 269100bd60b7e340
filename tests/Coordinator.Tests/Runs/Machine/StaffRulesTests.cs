using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Coordinator.Workers;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs.Machine;

public sealed class StaffRulesTests
{
    private static readonly RunId _run = new(TinyRun.Training().RunId);
    private static readonly RunDeclined _damaged = new(_run, new WorkerId("a"), "a.png is cut off", IsBadData: true);
    private static readonly RunDeclined _device = new(_run, new WorkerId("b"), "out of memory");

    private readonly RunLab _lab = new();

    [Fact]
    public void Staffed_EveryWorkerSaysThatTheDataIsDamaged_TheRunFailsInItsWordsAfterAWhile()
    {
        _lab.Step(new RunInput.EvaluationWanted(1, new EvaluateRun(_run, 2, 1, SplitPart.Test)));
        Staff(0, _damaged, _device);
        TickAt(9);
        Assert.IsType<RunStage.Training>(_lab.State.Stage);
        TickAt(10);
        _lab.Run();
        Assert.Equal(new RunEffect.End(RunStatus.Failed, 0), _lab.Effects[^1]);
        Assert.Equal(
            $"Nobody can compute run {_run}: worker a, one of 2 that take no part, says: a.png is cut off. Mend the data, then resume the run.", _lab.Snapshots.Last().Problem);
        Assert.Single(_lab.Of<RunEffect.Reply>());
    }

    [Fact]
    public void Staffed_AnotherWorkerComesInTime_TheRunGoesOnWithIt()
    {
        Staff(0, _damaged);
        TickAt(9);
        Staff(1, _damaged);
        TickAt(60);
        _lab.Hire("c", 2, (lab, lease) => new RunInput.Answered(lab.Compute("c", lease)));
        _lab.Run();
        Assert.Equal(RunStatus.Finished, _lab.Of<RunEffect.End>().Single().Status);
        Assert.Equal("worker a takes no part: a.png is cut off", _lab.Snapshots.Last().LastRefusal);
    }

    [Fact]
    public void Staffed_TheLastOtherWorkerLeaves_TheWaitBeginsThen()
    {
        Staff(1, _damaged);
        TickAt(60);
        Staff(0, _damaged);
        TickAt(69);
        Assert.IsType<RunStage.Training>(_lab.State.Stage);
        // The workforce repeats itself.
        Staff(0, _damaged, _device);
        TickAt(70);
        Assert.IsType<RunStage.Ending>(_lab.State.Stage);
    }

    [Fact]
    public void Staffed_NobodyBlamesTheData_TheRunWaitsAndSaysWhy()
    {
        Staff(0, _device);
        TickAt(600);
        RunSnapshot shown = _lab.Snapshots.Last();
        Assert.Equal((RunStatus.Training, "waiting for workers: 0 of 1; worker b says: out of memory"), (shown.Status, shown.Waiting));
    }

    [Fact]
    public void Staffed_TooFewAreLeft_TheReasonIsShown()
    {
        RunLab lab = new(change: setup => setup with { Sharing = new RunPolicy(1, 2, 0) });
        lab.Ask("c", 1);
        lab.Step(new RunInput.Staffed(new RunStaff(1, [_damaged])));
        Assert.Equal("waiting for workers: 1 of 2; worker a says: a.png is cut off", lab.Snapshots.Last().Waiting);
    }

    /// <summary>Workers that are there, but still read the data, are nothing to wait for in vain.</summary>
    [Fact]
    public void Staffed_WorkersAreThereButHaveNotAsked_SaysWhatTheyDo()
    {
        Assert.Equal("waiting for workers: 0 of 1", _lab.Snapshots.Last().Waiting);
        Staff(1);
        Assert.Equal("waiting until workers have read the data: 0 of 1 is ready", _lab.Snapshots.Last().Waiting);
        Staff(0);
        Assert.Equal("waiting for workers: 0 of 1", _lab.Snapshots.Last().Waiting);
        Staff(1);
        _lab.Ask("c", 1);
        Assert.Null(_lab.Snapshots.Last().Waiting);
    }

    private void Staff(int others, params ImmutableArray<RunDeclined> declined) => _lab.Step(new RunInput.Staffed(new RunStaff(others, declined)));

    private void TickAt(int seconds)
    {
        _lab.Now = TimeSpan.FromSeconds(seconds);
        _lab.Step(new RunInput.Ticked());
    }
}
