using MetaMap.Shared.Messages;
using MetaMap.Worker.Runs;

namespace MetaMap.Worker.Tests.Runs;

public sealed class ParameterCacheTests
{
    private readonly ParameterCache _cache = new();

    [Fact]
    public void Await_ManyLeasesOfOneVersion_OnlyTheFirstFetches()
    {
        Assert.True(_cache.Await(Leases.Lease(0)));
        Assert.False(_cache.Await(Leases.Lease(1)));
        Assert.True(_cache.Await(Leases.Lease(2) with { Parameters = Version(9) }));
        Assert.Equal([0, 1], _cache.TakeWaiting(Leases.Version).Select(lease => lease.Block.Index));
        Assert.Empty(_cache.TakeWaiting(Leases.Version));
        Assert.True(_cache.Await(Leases.Lease(3)));
    }

    [Fact]
    public void Await_AnotherHolder_IsAskedAsWell()
    {
        Assert.True(_cache.Await(Leases.Lease(0, "first")));
        Assert.True(_cache.Await(Leases.Lease(0, "second")));
        Assert.False(_cache.Await(Leases.Lease(1, "first")));
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
