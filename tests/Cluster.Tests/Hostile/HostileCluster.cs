
namespace MetaMap.Cluster.Tests.Hostile;

/// <summary>One cluster that all attacks are made on, one after the other; at the end it must still leave in good order.</summary>
[CollectionDefinition(Name)]
public sealed class HostileCluster : IAsyncLifetime, IDisposable, ICollectionFixture<HostileCluster>
{
    /// <summary>Of the tests that attack it.</summary>
    public const string Name = "hostile";

    private readonly RunFolder _folder = new();
    private TestCluster? _cluster;

    /// <summary>The cluster under attack.</summary>
    internal TestCluster Cluster => _cluster ?? throw new InvalidOperationException("Not started.");

    /// <summary>Resident memory before the first attack, after a run without any.</summary>
    internal long CalmBytes { get; private set; }

    /// <summary>The folder of runs, and what lies beside it.</summary>
    internal string this[string name] => _folder[name];

    public async Task InitializeAsync()
    {
        _cluster = new TestCluster(_folder["runs"]);
        await _cluster.StartRun("calm");
        await _cluster.RightBits("calm");
        CalmBytes = _cluster.ResidentBytes;
    }

    public async Task DisposeAsync()
    {
        Cluster.Coordinator.Signal(MetamapProcess.SigTerm);
        Assert.True(await Cluster.Coordinator.Exit() == 0, Cluster.Coordinator.Errors);
    }

    public void Dispose()
    {
        _cluster?.Dispose();
        _folder.Dispose();
    }
}
