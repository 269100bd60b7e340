using Akka.Actor;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Tests.Hosting;

namespace MetaMap.Shared.Tests.Blobs;

/// <summary>Holder and fetcher on two real actor systems over loopback TCP.</summary>
public class BlobFetcherTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

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

        BlobFetchFailed silent = Assert.IsType<BlobFetchFailed>(await FetchAsync(reader, blob, path + "-not-there"));
        Assert.Contains("no chunk of blob", silent.Reason, StringComparison.Ordinal);
    }

    private static async Task<object> FetchAsync(TestNode node, BlobId blob, string path)
    {
        TaskCompletionSource<object> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        BlobTransferOptions options = new() { AskAgainAfter = TimeSpan.FromSeconds(1), GiveUpAfter = TimeSpan.FromSeconds(3) };
        IActorRef parent = node.System.ActorOf(Props.Create(() => new Parent(BlobFetcher.Props(blob, path, options), result)));
        object answer = await result.Task.WaitAsync(Limit);
        await parent.GracefulStop(Limit);
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
}
