using Akka.Actor;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>Fetches a blob for a caller that is no actor.</summary>
public static class BlobRequest
{
    /// <summary>Fetches a blob, unless this node has it.</summary>
    /// <param name="system">The node's.</param>
    /// <param name="blobs">The node's.</param>
    /// <param name="blob">Which.</param>
    /// <param name="holder">Path of a <see cref="BlobHolder"/> that has it.</param>
    /// <returns>The whole buffer; its digest is verified.</returns>
    /// <exception cref="IOException">It could not be fetched.</exception>
    public static Task<ReadOnlyMemory<byte>> Fetch(IActorRefFactory system, BlobStore blobs, BlobId blob, string holder)
    {
        if (blobs.TryGet(blob, out ReadOnlyMemory<byte> bytes))
        {
            return Task.FromResult(bytes);
        }

        TaskCompletionSource<ReadOnlyMemory<byte>> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new Receiver(blob, holder, blobs.Gate, result)));
        return result.Task;
    }

    private sealed class Receiver : ReceiveActor
    {
        private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _result;

        public Receiver(BlobId blob, string holder, TransferGate gate, TaskCompletionSource<ReadOnlyMemory<byte>> result)
        {
            _result = result;
            new BlobFetches(Context, gate).Fetch(blob, holder);
            Receive<BlobFetched>(fetched =>
            {
                _result.TrySetResult(fetched.Bytes);
                Context.Stop(Self);
            });
            Receive<BlobFetchFailed>(failed =>
            {
                _result.TrySetException(new IOException(failed.Reason));
                Context.Stop(Self);
            });
        }

        protected override void PostStop() => _result.TrySetException(new IOException("this node is leaving"));
    }
}
