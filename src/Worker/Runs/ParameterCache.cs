using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Runs;

/// <summary>
/// The parameter versions of a node: each is fetched once, however many blocks wait for it. Keeps the newest few.
/// Owned by one actor.
/// </summary>
public sealed class ParameterCache
{
    private const int KeptVersions = 4;

    private readonly Dictionary<BlobId, ParameterVector> _versions = [];
    private readonly Dictionary<BlobId, List<IBlockLease>> _waiting = [];
    private readonly Queue<BlobId> _order = new();

    /// <summary>The version of a lease; null when it is not here yet.</summary>
    public ParameterVector? Find(BlobId version) => _versions.GetValueOrDefault(version);

    /// <summary>Lets a lease wait for its version.</summary>
    public void Await(IBlockLease lease)
    {
        if (!_waiting.TryGetValue(lease.Parameters, out List<IBlockLease>? leases))
        {
            _waiting[lease.Parameters] = leases = [];
        }

        leases.Add(lease);
    }

    /// <summary>Adds a version and forgets the oldest.</summary>
    public void Add(BlobId version, ParameterVector parameters)
    {
        if (_versions.TryAdd(version, parameters))
        {
            _order.Enqueue(version);
            if (_order.Count > KeptVersions)
            {
                _versions.Remove(_order.Dequeue());
            }
        }
    }

    /// <summary>The leases that waited for a version, which has come or will not come.</summary>
    public IReadOnlyList<IBlockLease> TakeWaiting(BlobId version) =>
        _waiting.Remove(version, out List<IBlockLease>? leases) ? leases : [];

    /// <summary>All leases that wait.</summary>
    public IReadOnlyList<IBlockLease> TakeAllWaiting() => [.. _waiting.Keys.ToArray().SelectMany(TakeWaiting)];
}
