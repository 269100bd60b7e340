using Xunit.Abstractions;

[assembly: TestCollectionOrderer("MetaMap.Cluster.Tests.LongestFirst", "MetaMap.Cluster.Tests")]

namespace MetaMap.Cluster.Tests;

/// <summary>Begins the classes that take longest before the others, so that the last one does not keep the machine waiting.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] _longest =
    [
        nameof(BadNetworkTests), Hostile.HostileCluster.Name, nameof(FailoverTests), nameof(Chaos.ChaosRunTests), nameof(CoordinatorRestartTests), nameof(SameBitsTests),
        nameof(Crashes.CrashPointTests), nameof(WorkerSignalsTests), nameof(SecureClusterTests), nameof(Crashes.FullDiskTests),
    ];

    /// <inheritdoc />
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(collection =>
        Array.FindIndex(_longest, name => collection.DisplayName.EndsWith(name, StringComparison.Ordinal)) is >= 0 and int place ? place : _longest.Length);
}
