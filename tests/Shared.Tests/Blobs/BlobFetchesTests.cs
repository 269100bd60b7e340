using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Tests.Blobs;

/// <summary>Holders are probes, so that each message is seen.</summary>
public sealed class BlobFetchesTests() : TestKit(ConfigurationFactory.ParseString("akka { loglevel = WARNING, stdout-loglevel = OFF }"))
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly BlobTransferOptions Options = new() { AskAgainAfter = TimeSpan.FromSeconds(1), GiveUpAfter = TimeSpan.FromSeconds(10) };

    private readonly byte[] _bytes = BlobTransferTests.Sample(40 * BlobChunks.ChunkBytes);

    private BlobId Blob => BlobStore.IdOf(_bytes);

    [Fact]
    public void FetchBlob_HolderThatNoLongerHasIt_TheNextOneGoesOnWithWhatIsHere()
    {
        (TestProbe first, TestProbe second) = Begin();
        int[] asked = Asked(first, 32);
        foreach (int chunk in asked[..30])
        {
            first.Reply(Chunk(chunk));
        }

        // Asked for 8 more, the last.
        Asked(first, 8);
        first.Reply(new BlobUnavailable(Blob));
        first.Reply(new BlobUnavailable(Blob));
        int[] rest = Asked(second, 10);
        Assert.Equal([30, 31, 32, 33, 34, 35, 36, 37, 38, 39], rest.Order());
        foreach (int chunk in rest)
        {
            second.Reply(Chunk(chunk));
        }

        Assert.Equal(_bytes, ExpectMsg<BlobFetched>(Limit).Bytes.ToArray());
    }

    [Fact]
    public void FetchBlob_HolderThatFallsSilent_TheNextOneIsAskedForWhatIsOverdue()
    {
        (TestProbe first, TestProbe second) = Begin();
        Asked(first, 32);
        foreach (int _ in Enumerable.Range(0, 40))
        {
            second.Reply(Chunk(((GetBlobChunk)second.FishForMessage(message => message is GetBlobChunk, Limit)).ChunkIndex));
        }

        Assert.Equal(_bytes, ExpectMsg<BlobFetched>(Limit).Bytes.ToArray());
    }

    [Fact]
    public void FetchBlob_DamagedByOneHolder_IsFetchedFromTheOther()
    {
        IActorRef fetches = Sys.ActorOf(BlobFetches.Props(Options, BlobFetches.DefaultBytesInFlight));
        foreach (bool isHonest in new[] { false, true })
        {
            IActorRef holder = Sys.ActorOf(Props.Create(() => new Holder(Chunk, isHonest)));
            fetches.Tell(new FetchBlob(Blob, holder.Path.ToString()), TestActor);
        }

        Assert.Equal(_bytes, ExpectMsg<BlobFetched>(Limit).Bytes.ToArray());
    }

    [Fact]
    public void FetchBlob_AllHoldersFail_EveryRequesterHearsTheReasonOnce()
    {
        (TestProbe first, TestProbe second) = Begin();
        Asked(first, 32);
        first.Reply(new BlobUnavailable(Blob));
        Asked(second, 32);
        second.Reply(new BlobUnavailable(Blob));
        Assert.EndsWith("failed: the holder no longer has it", ExpectMsg<BlobFetchFailed>(Limit).Reason, StringComparison.Ordinal);
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void FetchBlob_MoreBytesThanMayBeInFlight_WaitTheirTurn()
    {
        IActorRef fetches = Sys.ActorOf(BlobFetches.Props(Options, maximumBytes: 1_000));
        TestProbe holder = CreateTestProbe();
        byte[][] bytes = [.. Enumerable.Range(0, 3).Select(i => BlobTransferTests.Sample(600 + i))];
        foreach (byte[] content in bytes)
        {
            fetches.Tell(new FetchBlob(BlobStore.IdOf(content), holder.Ref.Path.ToString()), TestActor);
        }

        foreach (byte[] content in bytes)
        {
            Assert.Equal(BlobStore.IdOf(content), holder.ExpectMsg<GetBlobChunk>(Limit).Blob);
            IActorRef fetcher = holder.LastSender;
            holder.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
            fetcher.Tell(new BlobChunk(BlobStore.IdOf(content), 0, content), holder.Ref);
            Assert.Equal(content, ExpectMsg<BlobFetched>(Limit).Bytes.ToArray());
        }
    }

    [Fact]
    public void Of_OneSystem_IsOneActor() => Assert.Equal(BlobFetches.Of(Sys), BlobFetches.Of(Sys));

    [Fact]
    public void FetchBlob_DamagedByItsOnlyHolder_FailsWithTheReason()
    {
        IActorRef holder = Sys.ActorOf(Props.Create(() => new Holder(Chunk, false)));
        Sys.ActorOf(BlobFetches.Props(Options, BlobFetches.DefaultBytesInFlight)).Tell(new FetchBlob(Blob, holder.Path.ToString()), TestActor);
        Assert.EndsWith("it was damaged on the way or at its holder", ExpectMsg<BlobFetchFailed>(Limit).Reason, StringComparison.Ordinal);
    }

    private sealed class Holder : ReceiveActor
    {
        public Holder(Func<int, BlobChunk> chunkOf, bool isHonest) => Receive<GetBlobChunk>(get =>
        {
            BlobChunk chunk = chunkOf(get.ChunkIndex);
            Sender.Tell(isHonest ? chunk : chunk with { Bytes = new byte[chunk.Bytes.Length] });
        });
    }

    private (TestProbe First, TestProbe Second) Begin()
    {
        IActorRef fetches = Sys.ActorOf(BlobFetches.Props(Options, BlobFetches.DefaultBytesInFlight));
        (TestProbe first, TestProbe second) = (CreateTestProbe(), CreateTestProbe());
        fetches.Tell(new FetchBlob(Blob, first.Ref.Path.ToString()), TestActor);
        fetches.Tell(new FetchBlob(Blob, second.Ref.Path.ToString()), TestActor);
        return (first, second);
    }

    private static int[] Asked(TestProbe holder, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => holder.ExpectMsg<GetBlobChunk>(Limit).ChunkIndex)];

    private BlobChunk Chunk(int index) => new(Blob, index, _bytes.AsMemory(BlobChunks.OffsetOf(index), BlobChunks.LengthOf(Blob, index)));
}
