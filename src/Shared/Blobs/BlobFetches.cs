using Akka.Actor;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>
/// The blobs that one actor fetches at the moment, each with a <see cref="BlobFetcher"/> as its child; whoever names
/// another holder of one of them helps the fetch that is under way. Owned by that actor.
/// </summary>
/// <param name="context">The actor's.</param>
/// <param name="gate">Of the node.</param>
public sealed class BlobFetches(IActorRefFactory context, TransferGate gate)
{
    private readonly Dictionary<BlobId, IActorRef> _fetchers = [];

    /// <summary>Fetches a blob, or adds a holder to its fetch. The actor hears <see cref="BlobFetched"/> or <see cref="BlobFetchFailed"/>, once.</summary>
    public void Fetch(BlobId blob, string holder)
    {
        if (_fetchers.TryGetValue(blob, out IActorRef? fetcher))
        {
            fetcher.Tell(new HolderFound(holder));
        }
        else
        {
            _fetchers[blob] = context.ActorOf(BlobFetcher.Props(blob, holder, gate: gate));
        }
    }

    /// <summary>A fetch has ended, either way.</summary>
    public void Ended(BlobId blob) => _fetchers.Remove(blob);
}
