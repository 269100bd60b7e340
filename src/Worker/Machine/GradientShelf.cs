using System.Collections.Immutable;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>
/// The gradients that a worker holds for coordinators to fetch: until they are judged or, if a verdict is lost, until they
/// are two iterations old or their run is closed. So a worker's memory stays bounded.
/// </summary>
/// <param name="Held">In the order of their results. Equal gradients are held once per result.</param>
internal sealed record GradientShelf(ImmutableList<BlockAdapted> Held)
{
    public static GradientShelf Empty { get; } = new([]);

    public GradientShelf Add(BlockAdapted result) => new(Held.Add(result));

    /// <summary>Applies a verdict: one result with this gradient is no longer needed.</summary>
    public (GradientShelf Next, ImmutableArray<BlobId> Released) Judge(BlockJudged judged)
    {
        int place = Held.FindIndex(result => result.Lease == judged.Lease && result.Gradient == judged.Gradient);
        return place < 0 ? (this, []) : (new(Held.RemoveAt(place)), [judged.Gradient]);
    }

    /// <summary>A lease of an iteration shows that results of iterations before the previous one can no longer count.</summary>
    public (GradientShelf Next, ImmutableArray<BlobId> Released) Reach(RunId runId, int iteration) =>
        Release(result => result.Lease.RunId == runId && result.Lease.Round.Number < iteration - 1);

    /// <summary>The run is over.</summary>
    public (GradientShelf Next, ImmutableArray<BlobId> Released) Close(RunId runId) => Release(result => result.Lease.RunId == runId);

    private (GradientShelf Next, ImmutableArray<BlobId> Released) Release(Predicate<BlockAdapted> isOver) =>
        (new(Held.RemoveAll(isOver)), [.. Held.Where(result => isOver(result)).Select(result => result.Gradient)]);
}
