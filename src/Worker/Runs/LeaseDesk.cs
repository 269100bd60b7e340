using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Worker.Lanes;

namespace MetaMap.Worker.Runs;

/// <summary>
/// The leases that a worker holds, from their arrival to their answer: they wait for their parameters, then for a lane.
/// Owned by one actor.
/// </summary>
/// <param name="lanes">The node's.</param>
/// <param name="blobs">The node's: parameters of a coordinator on the same node are here already.</param>
/// <param name="computation">Computes and words the answers.</param>
/// <param name="fetch">Fetches the parameters of a lease, or names another holder of those that are being fetched; answered once, by <see cref="Fetched"/> or <see cref="Missed"/>.</param>
/// <param name="answer">Called on any thread with the answer to a lease.</param>
public sealed class LeaseDesk(
    LanePool lanes, BlobStore blobs, BlockComputation computation, Action<IBlockLease> fetch, Action<IRunMessage> answer)
{
    private readonly Dictionary<LeaseKey, IBlockLease> _open = [];
    private readonly ParameterCache _parameters = new();

    /// <summary>True when no lease is unanswered.</summary>
    public bool IsEmpty => _open.Count == 0;

    /// <summary>A lease has come. One that is held already changes nothing.</summary>
    public void Take(WorkerRun run, IBlockLease lease)
    {
        if (!_open.TryAdd(LeaseKey.Of(lease), lease))
        {
            return;
        }

        if (_parameters.Find(lease.Parameters) is { } parameters)
        {
            Post(run, lease, parameters);
        }
        else if (blobs.TryGet(lease.Parameters, out ReadOnlyMemory<byte> bytes))
        {
            Begin(run, lease, bytes);
        }
        else
        {
            _parameters.Await(lease);
            fetch(lease);
        }
    }

    /// <summary>Parameters are here.</summary>
    /// <param name="fetched">Which.</param>
    /// <param name="runOf">The open run of a lease.</param>
    public void Fetched(BlobFetched fetched, Func<RunId, WorkerRun?> runOf)
    {
        foreach (IBlockLease lease in _parameters.TakeWaiting(fetched.Blob).Where(IsOpen))
        {
            if (runOf(lease.RunId) is { } run)
            {
                Begin(run, lease, fetched.Bytes);
            }
        }
    }

    /// <summary>Parameters could not be had: no fault of the blocks that need them.</summary>
    public void Missed(BlobFetchFailed failed)
    {
        foreach (IBlockLease lease in _parameters.TakeWaiting(failed.Blob).Where(IsOpen))
        {
            answer(computation.Returned(lease, $"the parameters could not be fetched: {failed.Reason}"));
        }
    }

    /// <summary>An answer is on its way.</summary>
    /// <returns>False when it answers no lease that is still held.</returns>
    public bool Answered(IRunMessage message) => _open.Remove(LeaseKey.Of(message));

    /// <summary>The run is over: nobody waits for answers.</summary>
    public void Drop(RunId runId)
    {
        lanes.Withdraw(lease => lease.RunId == runId);
        foreach (LeaseKey key in _open.Keys.Where(key => key.RunId == runId).ToArray())
        {
            _open.Remove(key);
        }
    }

    /// <summary>Gives back what no lane has begun.</summary>
    public ImmutableArray<BlockReturned> ReturnWaiting(string reason) => Return([.. lanes.Withdraw(_ => true), .. _parameters.TakeAllWaiting()], reason);

    /// <summary>Gives everything back.</summary>
    public ImmutableArray<BlockReturned> ReturnAll(string reason)
    {
        lanes.Withdraw(_ => true);
        return Return([.. _open.Values], reason);
    }

    private ImmutableArray<BlockReturned> Return(IEnumerable<IBlockLease> leases, string reason) =>
        [.. leases.Where(lease => _open.Remove(LeaseKey.Of(lease))).Select(lease => computation.Returned(lease, reason))];

    private bool IsOpen(IBlockLease lease) => _open.ContainsKey(LeaseKey.Of(lease));

    private void Begin(WorkerRun run, IBlockLease lease, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length != run.Layout.Length * sizeof(float))
        {
            answer(computation.Failed(lease, $"the parameters have {bytes.Length} bytes, the layout needs {run.Layout.Length * sizeof(float)}"));
            return;
        }

        ParameterVector parameters = _parameters.Find(lease.Parameters) ?? ParameterVector.FromBytes(run.Layout, bytes.Span);
        _parameters.Add(lease.Parameters, parameters);
        Post(run, lease, parameters);
    }

    private void Post(WorkerRun run, IBlockLease lease, ParameterVector parameters) => lanes.Post(new LaneJob(
        lease, run.Opened.Weight, lane => answer(computation.Compute(lane, run, lease, parameters))));
}
