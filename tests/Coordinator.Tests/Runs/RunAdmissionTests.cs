using MetaMap.Coordinator.Runs;
using MetaMap.Coordinator.Stores;
using MetaMap.Core.Rounds;
using MetaMap.Core.Tests.Training;

namespace MetaMap.Coordinator.Tests.Runs;

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
        1, Run("a", 1) with { Phase = RunPhase.Paused }, Run("b", 2) with { Phase = RunPhase.Finished }, Run("c", 3) with { IsAttended = true }, Run("d", 4)));

    private static IEnumerable<string> Admitted(int limit, params StoredRun[] runs) => RunAdmission.Admitted(runs, limit).Order(StringComparer.Ordinal);

    private static StoredRun Run(string name, int second) => new(
        name, TinyRun.Options, RunPolicy.Default, null, RunPhase.Active, false, new DateTimeOffset(2026, 11, 25, 8, 0, second, TimeSpan.Zero));
}
