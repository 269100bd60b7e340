using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Runs;

/// <summary>
/// The gradients that a worker holds for coordinators to fetch: until they are judged, and, should a verdict be lost,
/// until they are two iterations old or their run is closed. So a worker's memory stays bounded. Owned by one actor.
/// </summary>
/// <param name="blobs">The node's buffers, where each gradient was put once.</param>
public sealed class GradientShelf(BlobStore blobs)
{
    private readonly List<BlockAdapted> _results = [];

    /// <summary>Number of gradients held.</summary>
    public int Count => _results.Count;

    /// <summary>Holds the gradient of a result.</summary>
    public void Add(BlockAdapted result) => _results.Add(result);

    /// <summary>A verdict: one result with this gradient is not needed any more.</summary>
    public void Judged(BlockJudged judged)
    {
        int index = _results.FindIndex(result =>
            result.RunId == judged.RunId && result.Iteration == judged.Iteration && result.BlockIndex == judged.BlockIndex && result.Gradient == judged.Gradient);
        if (index >= 0)
        {
            _results.RemoveAt(index);
            blobs.Release(judged.Gradient);
        }
    }

    /// <summary>A lease of an iteration shows that results of those long before it cannot count any more.</summary>
    public void Reached(RunId runId, int iteration) => Release(result => result.RunId == runId && result.Iteration < iteration - 1);

    /// <summary>The run is over.</summary>
    public void Closed(RunId runId) => Release(result => result.RunId == runId);

    private void Release(Predicate<BlockAdapted> isOver)
    {
        foreach (BlockAdapted result in _results.Where(result => isOver(result)))
        {
            blobs.Release(result.Gradient);
        }

        _results.RemoveAll(isOver);
    }
}
