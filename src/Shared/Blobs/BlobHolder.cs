using Akka.Actor;
using MetaMap.Shared.Dispatchers;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>Serves the chunks of one node's <see cref="BlobStore"/> to whoever asks.</summary>
public sealed class BlobHolder : ReceiveActor
{
    /// <summary>The actor's name under <c>/user</c>.</summary>
    public const string Name = "blobs";

    /// <summary>Creates the actor.</summary>
    /// <param name="store">The node's buffers.</param>
    public BlobHolder(BlobStore store)
    {
        Receive<GetBlobChunk>(get => Sender.Tell(Answer(store, get)));
    }

    /// <summary>How to start it: <c>system.ActorOf(BlobHolder.Props(store), BlobHolder.Name)</c>.</summary>
    public static Props Props(BlobStore store) => Akka.Actor.Props.Create(() => new BlobHolder(store)).WithDispatcher(BlobDispatcher.Name);

    /// <summary>The path at which other nodes reach this node's holder.</summary>
    /// <param name="node">The node's own cluster address.</param>
    public static string PathAt(Address node) => new RootActorPath(node).Child("user").Child(Name).ToString();

    private static ITensorMessage Answer(BlobStore store, GetBlobChunk get) =>
        store.TryGet(get.Blob, out ReadOnlyMemory<byte> bytes) && get.ChunkIndex >= 0 && get.ChunkIndex < BlobChunks.CountOf(get.Blob)
            ? new BlobChunk(get.Blob, get.ChunkIndex,
                bytes.Slice(BlobChunks.OffsetOf(get.ChunkIndex), BlobChunks.LengthOf(get.Blob, get.ChunkIndex)))
            : new BlobUnavailable(get.Blob);
}
