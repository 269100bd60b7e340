using MetaMap.Shared.Messages;
using MetaMap.Worker.Runs;

namespace MetaMap.Worker.Tests.Runs;

public sealed class ParameterCacheTests
{
    private readonly ParameterCache _cache = new();

    [Fact]
    public void TakeWaiting_LeasesOfOneVersion_ComeOnceAndInOrder()
    {
        _cache.Await(Leases.Lease(0));
        _cache.Await(Leases.Lease(1));
        _cache.Await(Leases.Lease(2) with { Parameters = Version(9) });
        Assert.Equal([0, 1], _cache.TakeWaiting(Leases.Version).Select(lease => lease.Block.Index));
        Assert.Empty(_cache.TakeWaiting(Leases.Version));
        Assert.Equal([2], _cache.TakeWaiting(Version(9)).Select(lease => lease.Block.Index));
    }

    [Fact]
    public void TakeAllWaiting_LeasesOfSeveralHolders_TakesThemAll()
    {
        _cache.Await(Leases.Lease(0, "first"));
        _cache.Await(Leases.Lease(0, "second"));
        _cache.Await(Leases.Lease(1, "first"));
        Assert.Equal(3, _cache.TakeAllWaiting().Count);
        Assert.Empty(_cache.TakeWaiting(Leases.Version));
    }

    [Fact]
    public void Add_ManyVersions_KeepsTheNewestFour()
    {
        for (int i = 0; i < 6; i++)
        {
            _cache.Add(Version(i), Leases.Parameters);
            _cache.Add(Version(i), Leases.Parameters);
        }

        Assert.Equal([false, false, true, true, true, true], Enumerable.Range(0, 6).Select(i => _cache.Find(Version(i)) is not null));
    }

    private static BlobId Version(int i) => new($"{i}", 4);
}
