using Akka.Actor;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Tests.Hosting;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Blobs;

/// <summary>Holder and fetcher on two real actor systems over loopback TCP.</summary>
public class BlobFetcherTests
{
    [Fact]
    public async Task Fetch_OverTcp_BringsTheBytesOrAReason()
    {
        await using TestNode holder = await TestNode.StartAsync(NodeSettings.CoordinatorRole, []);
        await using TestNode reader = await TestNode.StartAsync(NodeSettings.WorkerRole, [holder.HostPort]);
        BlobStore store = new();
        holder.System.ActorOf(BlobHolder.Props(store), BlobHolder.Name);
        string path = BlobHolder.PathAt(holder.Cluster.SelfAddress);
        Assert.Equal($"akka.tcp://metamap@{holder.HostPort}/user/blobs", path);

        byte[] bytes = BlobTransferTests.Sample(10_000_000);
        BlobId blob = store.Put(bytes);
        BlobFetched fetched = Assert.IsType<BlobFetched>(await FetchAsync(reader, blob, path));
        Assert.Equal(blob, fetched.Blob);
        Assert.Equal(blob, BlobStore.IdOf(fetched.Bytes.Span));

        BlobId empty = store.Put(ReadOnlyMemory<byte>.Empty);
        Assert.Equal(0, Assert.IsType<BlobFetched>(await FetchAsync(reader, empty, path)).Bytes.Length);

        store.Release(blob);
        BlobFetchFailed failed = Assert.IsType<BlobFetchFailed>(await FetchAsync(reader, blob, path));
        Assert.Equal($"fetching from {path} failed: the holder no longer has it", failed.Reason);
    }

    [Fact]
    public async Task Fetch_HolderForgetsItHalfWay_AnotherHolderGivesTheRest()
    {
        await using TestNode first = await TestNode.StartAsync(NodeSettings.CoordinatorRole, []);
        await using TestNode second = await TestNode.StartAsync(NodeSettings.WorkerRole, [first.HostPort]);
        await using TestNode reader = await TestNode.StartAsync(NodeSettings.WorkerRole, [first.HostPort]);
        byte[] bytes = BlobTransferTests.Sample(20_000_000);
        BlobStore forgetful = new();
        BlobStore faithful = new();
        BlobId blob = forgetful.Put(bytes);
        faithful.Put(bytes);
        CountingHolder.Served served = new();
        first.System.ActorOf(Props.Create(() => new CountingHolder(forgetful, blob, 100, served)), BlobHolder.Name);
        second.System.ActorOf(BlobHolder.Props(faithful), BlobHolder.Name);

        TaskCompletionSource<object> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        reader.System.ActorOf(Props.Create(() => new Collector(
            blob, new[] { BlobHolder.PathAt(first.Cluster.SelfAddress), BlobHolder.PathAt(second.Cluster.SelfAddress) }, result)));
        BlobFetched fetched = Assert.IsType<BlobFetched>(await result.Task.WaitAsync(TestTime.Limit));
        Assert.Equal(blob, BlobStore.IdOf(fetched.Bytes.Span));
        Assert.Equal(100, served.Count);
    }

    [Fact]
    public async Task Fetch_TheFirstRequestIsLost_IsAskedAgain()
    {
        await using TestNode node = await TestNode.StartAsync(NodeSettings.CoordinatorRole, []);
        BlobStore store = new();
        BlobId blob = store.Put(BlobTransferTests.Sample(100));
        node.System.ActorOf(Props.Create(() => new DeafHolder(store, 1)), BlobHolder.Name);
        Assert.IsType<BlobFetched>(await FetchAsync(node, blob, BlobHolder.PathAt(node.Cluster.SelfAddress)));
    }

    private static async Task<object> FetchAsync(TestNode node, BlobId blob, string path)
    {
        TaskCompletionSource<object> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef parent = node.System.ActorOf(Props.Create(() => new Parent(BlobFetcher.Props(blob, path, new TransferGate()), result)));
        object answer = await result.Task.WaitAsync(TestTime.Limit);
        await parent.GracefulStop(TestTime.Limit);
        return answer;
    }

    private sealed class Parent : ReceiveActor
    {
        public Parent(Props fetcher, TaskCompletionSource<object> result)
        {
            Context.ActorOf(fetcher);
            ReceiveAny(message => result.TrySetResult(message));
        }
    }

    private sealed class Collector : ReceiveActor
    {
        public Collector(BlobId blob, string[] holders, TaskCompletionSource<object> result)
        {
            BlobFetches fetches = new(Context, new TransferGate());
            holders.ToList().ForEach(holder => fetches.Fetch(blob, holder));
            ReceiveAny(message => result.TrySetResult(message));
        }
    }

    /// <summary>A holder that does not hear so many requests.</summary>
    private sealed class DeafHolder : ReceiveActor
    {
        public DeafHolder(BlobStore store, int unheard)
        {
            IActorRef holder = Context.ActorOf(BlobHolder.Props(store));
            Receive<GetBlobChunk>(get =>
            {
                if (--unheard < 0)
                {
                    holder.Ask<object>(get).PipeTo(Sender, Self);
                }
            });
        }
    }

    /// <summary>A holder that loses the blob after so many chunks.</summary>
    private sealed class CountingHolder : ReceiveActor
    {
        public CountingHolder(BlobStore store, BlobId blob, int chunks, Served served)
        {
            IActorRef holder = Context.ActorOf(BlobHolder.Props(store));
            int chunksLeft = chunks;
            Receive<GetBlobChunk>(get =>
            {
                served.Count = Math.Min(served.Count + 1, chunks);
                IActorRef reader = Sender;
                if (--chunksLeft < 0)
                {
                    store.Release(blob);
                }

                holder.Ask<object>(get).PipeTo(reader, Self);
            });
        }

        public sealed class Served
        {
            public int Count { get; set; }
        }
    }
}
