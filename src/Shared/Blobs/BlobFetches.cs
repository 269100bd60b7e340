using Akka.Actor;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>
/// The blobs that one actor is fetching, each by a child <see cref="BlobFetcher"/>; another holder of the same blob helps
/// the fetch in progress. Owned by that actor.
/// </summary>
/// <param name="context">The actor's context.</param>
/// <param name="gate">The node's gate.</param>
public sealed class BlobFetches(IActorRefFactory context, TransferGate gate)
{
    private readonly Dictionary<BlobId, IActorRef> _fetchers = [];

    /// <summary>
    /// Fetches a blob, or adds a holder to its fetch. The actor receives <see cref="BlobFetched"/> or <see cref="BlobFetchFailed"/>
    /// once.
    /// </summary>
    public void Fetch(BlobId blob, string holder)
    {
        if (_fetchers.TryGetValue(blob, out IActorRef? fetcher))
        {
            fetcher.Tell(new HolderFound(holder));
        }
        else
        {
            _fetchers[blob] = context.ActorOf(BlobFetcher.Props(blob, holder, gate));
        }
    }

    /// <summary>To be called when a fetch has ended, either way.</summary>
    public void Ended(BlobId blob) => _fetchers.Remove(blob);
}
