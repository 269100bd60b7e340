using CsCheck;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Tests.Blobs;

public class BlobTransferTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly BlobTransferOptions Options = new() { AskAgainAfter = 5 * Second, GiveUpAfter = 1_000 * Second };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(BlobChunks.ChunkBytes)]
    [InlineData(BlobChunks.ChunkBytes + 1)]
    [InlineData(40 * BlobChunks.ChunkBytes)]
    public void Receive_AllChunksInOrder_CompletesWithTheBytes(int lengthBytes)
    {
        byte[] bytes = Sample(lengthBytes);
        BlobId blob = BlobStore.IdOf(bytes);
        BlobTransfer transfer = new(blob, Options);
        TransferStep step = transfer.Start(default);
        Queue<int> asked = new();
        while (step is MoreRequests more)
        {
            more.ChunkIndices.ToList().ForEach(asked.Enqueue);
            Assert.InRange(asked.Count, 1, BlobChunks.InFlight);
            step = transfer.Receive(Chunk(bytes, blob, asked.Dequeue()), default);
        }

        Assert.Equal(bytes, Assert.IsType<TransferCompleted>(step).Bytes.ToArray());
        Assert.Equal(1, transfer.ReceivedFraction);
    }

    /// <summary>A network that loses, repeats and reorders as a seed says; every transfer still ends with the right bytes.</summary>
    [Fact]
    public void Receive_RandomLossRepetitionAndOrder_CompletesWithTheBytes() =>
        Gen.Select(Gen.Int[1, 50 * BlobChunks.ChunkBytes], Gen.Int, Gen.Double[0, 0.6], Gen.Double[0, 0.5]).Sample(
            (lengthBytes, seed, lost, repeated) =>
            {
                Random random = new(seed);
                byte[] bytes = Sample(lengthBytes);
                BlobId blob = BlobStore.IdOf(bytes);
                BlobTransfer transfer = new(blob, Options);
                TimeSpan now = default;
                TransferStep step = transfer.Start(now);
                List<int> network = [];
                for (int turn = 0; step is MoreRequests more; turn++)
                {
                    Assert.True(turn < 20_000, "the transfer makes no progress");
                    foreach (int index in more.ChunkIndices)
                    {
                        network.AddRange(Enumerable.Repeat(index, random.NextDouble() < lost ? 0 : random.NextDouble() < repeated ? 2 : 1));
                    }

                    if (network.Count == 0)
                    {
                        now += Options.AskAgainAfter;
                        step = transfer.Expire(now);
                        Assert.False(step is MoreRequests { ChunkIndices.Length: 0 }, "nothing is under way and nothing is asked for");
                        continue;
                    }

                    int next = random.Next(network.Count);
                    int arrived = network[next];
                    network.RemoveAt(next);
                    step = transfer.Receive(Chunk(bytes, blob, arrived), now);
                }

                return step is TransferCompleted completed && completed.Bytes.Span.SequenceEqual(bytes);
            },
            iter: 60);

    [Fact]
    public void Receive_CorruptChunk_FailsAtTheDigest()
    {
        byte[] bytes = Sample(100);
        BlobId blob = BlobStore.IdOf(bytes);
        BlobTransfer transfer = new(blob, Options);
        transfer.Start(default);
        bytes[50] ^= 1;
        TransferDamaged failed = Assert.IsType<TransferDamaged>(transfer.Receive(Chunk(bytes, blob, 0), default));
        Assert.Contains("damaged", failed.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 99, "has 99 bytes, expected 100")]
    [InlineData(0, 101, "has 101 bytes, expected 100")]
    [InlineData(1, 100, "which has 1 chunks")]
    [InlineData(-1, 100, "which has 1 chunks")]
    public void Receive_WrongLengthOrIndex_FailsWithReason(int chunkIndex, int chunkBytes, string reason)
    {
        BlobId blob = BlobStore.IdOf(Sample(100));
        BlobTransfer transfer = new(blob, Options);
        transfer.Start(default);
        TransferFailed failed = Assert.IsType<TransferFailed>(transfer.Receive(new BlobChunk(blob, chunkIndex, new byte[chunkBytes]), default));
        Assert.Contains(reason, failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_ChunkOfAnotherBlob_ChangesNothing()
    {
        BlobTransfer transfer = new(BlobStore.IdOf(Sample(100)), Options);
        transfer.Start(default);
        byte[] other = Sample(7);
        Assert.Empty(Assert.IsType<MoreRequests>(transfer.Receive(Chunk(other, BlobStore.IdOf(other), 0), default)).ChunkIndices);
        Assert.Equal(0, transfer.ReceivedFraction);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_001)]
    [InlineData(int.MaxValue)]
    public void Start_ImpossibleLength_FailsWithReason(int lengthBytes)
    {
        BlobTransfer transfer = new(BlobStore.IdOf([]) with { LengthBytes = lengthBytes }, Options with { MaximumBytes = 1_000 });
        Assert.Contains("0 to 1000 are accepted", Assert.IsType<TransferFailed>(transfer.Start(default)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    public void Start_NoDigest_FailsWithReason(string? digest) =>
        Assert.IsType<TransferFailed>(new BlobTransfer(new BlobId(digest!, 1), Options).Start(default));

    [Fact]
    public void Expire_OnlyOverdueChunks_AreAskedForAgainOnce()
    {
        byte[] bytes = Sample(40 * BlobChunks.ChunkBytes);
        BlobId blob = BlobStore.IdOf(bytes);
        BlobTransfer transfer = new(blob, Options);
        Assert.Equal(Enumerable.Range(0, 32), Assert.IsType<MoreRequests>(transfer.Start(default)).ChunkIndices);
        Assert.Equal(32, Assert.Single(Assert.IsType<MoreRequests>(transfer.Receive(Chunk(bytes, blob, 31), 3 * Second)).ChunkIndices));

        Assert.Empty(Assert.IsType<MoreRequests>(transfer.Expire(4 * Second)).ChunkIndices);
        Assert.Equal(Enumerable.Range(0, 31), Assert.IsType<MoreRequests>(transfer.Expire(5 * Second)).ChunkIndices);
        Assert.Equal(32, Assert.Single(Assert.IsType<MoreRequests>(transfer.Expire(8 * Second)).ChunkIndices));
    }

    [Fact]
    public void Resume_AnotherHolder_IsAskedForWhatIsOpenAndWhatIsHereStays()
    {
        byte[] bytes = Sample(40 * BlobChunks.ChunkBytes);
        BlobId blob = BlobStore.IdOf(bytes);
        BlobTransfer transfer = new(blob, Options);
        transfer.Start(default);
        transfer.Receive(Chunk(bytes, blob, 0), default);
        Assert.Equal(Enumerable.Range(1, 32), transfer.Resume(4 * Second).ChunkIndices);
        // Asked just now: nothing of it is overdue yet.
        Assert.Empty(Assert.IsType<MoreRequests>(transfer.Expire(8 * Second)).ChunkIndices);
        Assert.Equal(1.0 / 40, transfer.ReceivedFraction);
    }

    [Fact]
    public void Expire_NothingForTooLong_GivesUp()
    {
        BlobTransfer transfer = new(BlobStore.IdOf(Sample(100)), Options with { GiveUpAfter = 30 * Second });
        transfer.Start(10 * Second);
        Assert.IsType<MoreRequests>(transfer.Expire(39 * Second));
        TransferFailed failed = Assert.IsType<TransferFailed>(transfer.Expire(40 * Second));
        Assert.Contains("for 30 s (0 of 1 are here)", failed.Reason, StringComparison.Ordinal);
    }

    internal static byte[] Sample(int lengthBytes)
    {
        byte[] bytes = new byte[lengthBytes];
        new Random(lengthBytes).NextBytes(bytes);
        return bytes;
    }

    private static BlobChunk Chunk(byte[] bytes, BlobId blob, int index) =>
        new(blob, index, bytes.AsMemory(BlobChunks.OffsetOf(index), BlobChunks.LengthOf(blob, index)));
}
