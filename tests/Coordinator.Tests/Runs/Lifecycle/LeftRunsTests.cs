using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Coordinator.Stores;
using MetaMap.Core.Options;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs.Lifecycle;

public sealed class LeftRunsTests
{
    private static readonly ImmutableArray<StoredRun> _runs =
    [
        Run("queued", RunStatus.Queued), Run("killed", RunStatus.Training), Run("elsewhere", RunStatus.Training) with { Owner = "another" }, Run("paused", RunStatus.Paused),
        Run("over", RunStatus.Finished), Run("attended", RunStatus.Queued) with { IsAttended = true },
    ];

    [Fact]
    public void Without_FirstList_LeavesAloneWhatNobodyTrains()
    {
        LeftRuns left = new(areTakenUp: false);
        Assert.Equal(["elsewhere", "paused", "over", "attended"], left.Without(_runs, out ImmutableArray<string> found).Select(run => run.RunId));
        Assert.Equal(["killed", "queued"], found.AsEnumerable());

        // What is started later is this coordinator's own; and what somebody has asked for.
        ImmutableArray<StoredRun> later = _runs.Add(Run("new", RunStatus.Queued));
        left.Take("killed");
        Assert.Equal(["killed", "elsewhere", "paused", "over", "attended", "new"], left.Without(later, out found).Select(run => run.RunId));
        Assert.Empty(found);
    }

    [Fact]
    public void Without_TakenUp_LeavesNothingAlone()
    {
        Assert.Equal(_runs.AsEnumerable(), new LeftRuns(areTakenUp: true).Without(_runs, out ImmutableArray<string> found));
        Assert.Empty(found);
    }

    private static StoredRun Run(string name, RunStatus status) => new(name, OptionValues.None.Resolve(), RunPolicy.Default, null, status, IsAttended: false, DateTimeOffset.UnixEpoch);
}
