using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Coordinator.Stores;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs.Lifecycle;

public sealed class RunAdmissionTests
{
    [Fact]
    public void Admitted_MoreRunsThanPlaces_FollowsTheOrderOfTheirStart() =>
        Assert.Equal(["a", "b"], Admitted(2, Run("c", 3), Run("a", 1), Run("b", 2)));

    [Fact]
    public void Admitted_RunWithAnOwner_KeepsItsPlace() =>
        Assert.Equal(["a", "c"], Admitted(2, Run("a", 1), Run("b", 2), Run("c", 3) with { Owner = "node" }));

    [Fact]
    public void Admitted_RunsThatAreNotToBeTrained_TakeNoPlace() => Assert.Equal(["d"], Admitted(
        1, Run("a", 1) with { Status = RunStatus.Paused }, Run("b", 2) with { Status = RunStatus.Finished }, Run("c", 3) with { IsAttended = true }, Run("d", 4)));

    private static IEnumerable<string> Admitted(int limit, params StoredRun[] runs) => RunAdmission.Admitted(runs, limit).Order(StringComparer.Ordinal);

    private static StoredRun Run(string name, int second) => new(
        name, TinyRun.Options, RunPolicy.Default, null, RunStatus.Queued, false, new DateTimeOffset(2026, 11, 25, 8, 0, second, TimeSpan.Zero));
}
