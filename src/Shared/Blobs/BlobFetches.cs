using Akka.Actor;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>
/// To <see cref="BlobFetches"/>: fetch this. Answered once by <see cref="BlobFetched"/> or <see cref="BlobFetchFailed"/>,
/// however often it is asked meanwhile; every time adds a holder to the transfer that is under way.
/// </summary>
/// <param name="Blob">Which buffer.</param>
/// <param name="HolderPath">Path of a <see cref="BlobHolder"/>.</param>
public sealed record FetchBlob(BlobId Blob, string HolderPath);

/// <summary>
/// All transfers into this node: each blob is fetched once, whoever wants it, and the transfers under way hold a bounded
/// number of bytes; the others wait for their turn. One per actor system, found by <see cref="Of"/>.
/// </summary>
public sealed class BlobFetches : ReceiveActor
{
    /// <summary>The actor's name under <c>/user</c>.</summary>
    public const string Name = "blob-fetches";

    /// <summary>Bytes of all transfers under way, 256 MiB; a single larger one has the node for itself.</summary>
    public const long DefaultBytesInFlight = 256L << 20;

    private readonly BlobTransferOptions _options;
    private readonly long _maximumBytes;
    private readonly Dictionary<BlobId, Fetch> _fetches = [];
    private readonly Queue<BlobId> _waiting = new();
    private long _bytesInFlight;

    /// <summary>Creates the actor.</summary>
    /// <param name="options">Of each transfer.</param>
    /// <param name="maximumBytes">Of all transfers under way.</param>
    public BlobFetches(BlobTransferOptions options, long maximumBytes)
    {
        (_options, _maximumBytes) = (options, maximumBytes);
        Receive<FetchBlob>(Add);
        Receive<BlobFetched>(fetched => End(fetched.Blob, fetched));
        Receive<BlobFetchFailed>(failed => End(failed.Blob, failed));
    }

    /// <summary>The node's transfers.</summary>
    public static IActorRef Of(ActorSystem system) => system.WithExtension<BlobFetchesOfNode, BlobFetchesProvider>().Actor;

    /// <summary>How to start it apart from a node's own.</summary>
    /// <param name="options">Of each transfer.</param>
    /// <param name="maximumBytes">Of all transfers under way.</param>
    public static Props Props(BlobTransferOptions options, long maximumBytes) =>
        Akka.Actor.Props.Create(() => new BlobFetches(options, maximumBytes));

    private void Add(FetchBlob request)
    {
        if (!_fetches.TryGetValue(request.Blob, out Fetch? fetch))
        {
            _fetches[request.Blob] = fetch = new Fetch();
            _waiting.Enqueue(request.Blob);
        }

        fetch.Requesters.Add(Sender);
        fetch.Holders.Add(request.HolderPath);
        fetch.Fetcher?.Tell(new AnotherHolder(request.HolderPath));
        BeginWaiting();
    }

    private void BeginWaiting()
    {
        while (_waiting.TryPeek(out BlobId blob) && (_bytesInFlight == 0 || _bytesInFlight + blob.LengthBytes <= _maximumBytes))
        {
            _waiting.Dequeue();
            _bytesInFlight += blob.LengthBytes;
            Fetch fetch = _fetches[blob];
            fetch.Fetcher = Context.ActorOf(BlobFetcher.Props(blob, fetch.Holders[0], _options));
            fetch.Holders.Skip(1).ToList().ForEach(holder => fetch.Fetcher.Tell(new AnotherHolder(holder)));
        }
    }

    private void End(BlobId blob, object answer)
    {
        // A fetcher that ended while a new holder was on its way to it: its requester asks again, or another result comes.
        if (_fetches.Remove(blob, out Fetch? fetch))
        {
            _bytesInFlight -= blob.LengthBytes;
            foreach (IActorRef requester in fetch.Requesters)
            {
                requester.Tell(answer);
            }

            BeginWaiting();
        }
    }

    private sealed class Fetch
    {
        public HashSet<IActorRef> Requesters { get; } = [];

        public List<string> Holders { get; } = [];

        public IActorRef? Fetcher { get; set; }
    }

    private sealed class BlobFetchesOfNode(IActorRef actor) : IExtension
    {
        public IActorRef Actor => actor;
    }

    private sealed class BlobFetchesProvider : ExtensionIdProvider<BlobFetchesOfNode>
    {
        public override BlobFetchesOfNode CreateExtension(ExtendedActorSystem system) => new(Start(system));
    }

#pragma warning disable AK1008 // The node's actor is the child of nobody on purpose.
    private static IActorRef Start(ExtendedActorSystem system) =>
        system.ActorOf(Props(BlobTransferOptions.Default, DefaultBytesInFlight), Name);
#pragma warning restore AK1008
}
