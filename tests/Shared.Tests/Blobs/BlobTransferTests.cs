using CsCheck;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Blobs;

public class BlobTransferTests
{
    private const string A = "holder a";
    private const string B = "holder b";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

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
        BlobTransfer transfer = new(blob, A);
        TransferStep step = transfer.Start(default);
        Queue<int> asked = new();
        while (step is MoreRequests more)
        {
            more.ChunkIndices.ToList().ForEach(asked.Enqueue);
            Assert.InRange(asked.Count, 1, BlobChunks.InFlight);
            step = transfer.Receive(Chunk(bytes, blob, asked.Dequeue()), A, default);
        }

        Assert.Equal(bytes, Assert.IsType<TransferCompleted>(step).Bytes.ToArray());
    }

    /// <summary>
    /// A network that loses, repeats, reorders and damages, and holders that vanish, forget and are found, as a seed says:
    /// every transfer ends with the right bytes or with a reason, and never has more under way than its window.
    /// </summary>
    [Fact]
    public void Receive_RandomFaults_EndsWithTheBytesOrAReason()
    {
        long completed = 0;
        Gen.Select(Gen.Int[1, 50 * BlobChunks.ChunkBytes], Gen.Int, Gen.Double[0, 0.6], Gen.Double[0, 0.5], Gen.Double[0, 0.02], Gen.Double[0, 0.1]).Repeatable().Sample(
            (lengthBytes, seed, lost, repeated, damaged, holderFaults) =>
            {
                Random random = new(seed);
                byte[] bytes = Sample(lengthBytes);
                BlobId blob = BlobStore.IdOf(bytes);
                BlobTransfer transfer = new(blob, Holder(0));
                TimeSpan now = default;
                int found = 0;
                TransferStep step = transfer.Start(now);
                List<(string From, int Index)> network = [];
                HashSet<string> gone = [];
                HashSet<int> outstanding = [];
                for (int turn = 0; step is MoreRequests more; turn++)
                {
                    Assert.True(turn < 20_000, "the transfer makes no progress");
                    foreach (int index in more.ChunkIndices)
                    {
                        outstanding.Add(index);
                        network.AddRange(Enumerable.Repeat(
                            (transfer.Holder, index), gone.Contains(transfer.Holder) || random.NextDouble() < lost ? 0 : random.NextDouble() < repeated ? 2 : 1));
                    }

                    Assert.InRange(outstanding.Count, 0, 2 * BlobChunks.InFlight);
                    if (random.NextDouble() < holderFaults)
                    {
                        string holder = Holder(random.Next(found + 1));
                        int fault = random.Next(3);
                        if (fault == 0)
                        {
                            gone.Add(holder);
                            step = MoreRequests.None;
                        }
                        else
                        {
                            step = fault == 1 ? transfer.Unavailable(holder, now) : transfer.AddHolder(Holder(++found), now);
                        }
                    }
                    else if (network.Count == 0)
                    {
                        now += BlobTransfer.AskAgainAfter;
                        step = transfer.Expire(now);
                    }
                    else
                    {
                        int next = random.Next(network.Count);
                        (string from, int arrived) = network[next];
                        network.RemoveAt(next);
                        outstanding.Remove(arrived);
                        BlobChunk chunk = Chunk(bytes, blob, arrived);
                        step = transfer.Receive(random.NextDouble() < damaged ? Damaged(chunk, random) : chunk, from, now);
                    }
                }

                completed += step is TransferCompleted ? 1 : 0;
                return step is TransferCompleted whole ? whole.Bytes.Span.SequenceEqual(bytes) : step is TransferFailed { Reason.Length: > 0 };
            },
            iter: 200, threads: 1);
        Assert.True(completed > 50, $"only {completed} of 200 transfers came to an end with their bytes");
    }

    /// <summary>
    /// Without damage and with one holder that stays, every transfer ends with its bytes. The two are asked in turn, so in the 30 seconds
    /// without a chunk after which a transfer is given up, the one that stays is asked again twice: no chunk is lost more often than twice.
    /// </summary>
    [Fact]
    public void Receive_OthersVanishAndOneStays_CompletesWithTheBytes() =>
        Gen.Select(Gen.Int[1, 50 * BlobChunks.ChunkBytes], Gen.Int, Gen.Double[0, 0.5]).Repeatable().Sample(
            (lengthBytes, seed, lost) =>
            {
                Random random = new(seed);
                byte[] bytes = Sample(lengthBytes);
                BlobId blob = BlobStore.IdOf(bytes);
                BlobTransfer transfer = new(blob, Holder(0));
                TimeSpan now = default;
                TransferStep step = transfer.Start(now);
                int vanishesAt = random.Next(BlobChunks.CountOf(blob));
                Queue<int> network = new();
                int arrivals = 0;
                HashSet<int> arrived = [];
                Dictionary<int, int> lostSoFar = [];
                for (int turn = 0; step is MoreRequests more; turn++)
                {
                    Assert.True(turn < 20_000, "the transfer makes no progress");
                    bool isThere = transfer.Holder == Holder(1) || arrivals < vanishesAt;
                    foreach (int asked in more.ChunkIndices.Where(_ => isThere))
                    {
                        int losses = lostSoFar.GetValueOrDefault(asked);
                        if (losses < 2 && random.NextDouble() < lost)
                        {
                            lostSoFar[asked] = losses + 1;
                        }
                        else
                        {
                            network.Enqueue(asked);
                        }
                    }

                    Assert.False(more.ChunkIndices.Any(arrived.Contains), "a chunk that is here is asked for again");
                    if (turn == 0)
                    {
                        step = transfer.AddHolder(Holder(1), now);
                    }
                    else if (network.TryDequeue(out int index))
                    {
                        arrivals++;
                        arrived.Add(index);
                        step = transfer.Receive(Chunk(bytes, blob, index), transfer.Holder, now);
                    }
                    else
                    {
                        now += BlobTransfer.AskAgainAfter;
                        step = transfer.Expire(now);
                    }
                }

                return step is TransferCompleted completed && completed.Bytes.Span.SequenceEqual(bytes);
            },
            iter: 100);

    [Fact]
    public void Unavailable_AnotherHolderIsKnown_GoesOnWithItsMissingChunks()
    {
        byte[] bytes = Sample(40 * BlobChunks.ChunkBytes);
        BlobId blob = BlobStore.IdOf(bytes);
        BlobTransfer transfer = new(blob, A);
        transfer.Start(default);
        transfer.Receive(Chunk(bytes, blob, 0), A, default);
        Assert.Empty(Assert.IsType<MoreRequests>(transfer.AddHolder(B, Second)).ChunkIndices);
        Assert.Equal(A, transfer.Holder);

        Assert.Equal(Enumerable.Range(1, 32), Assert.IsType<MoreRequests>(transfer.Unavailable(A, Second)).ChunkIndices);
        Assert.Equal(B, transfer.Holder);
        // The other answers of the same holder to the same window change nothing.
        Assert.Empty(Assert.IsType<MoreRequests>(transfer.Unavailable(A, Second)).ChunkIndices);
        Assert.Equal("the holder no longer has it", Assert.IsType<TransferFailed>(transfer.Unavailable(B, Second)).Reason);
    }

    [Fact]
    public void AddHolder_TheFirstIsSilent_TheNewOneIsAskedAtOnce()
    {
        byte[] bytes = Sample(3 * BlobChunks.ChunkBytes);
        BlobId blob = BlobStore.IdOf(bytes);
        BlobTransfer transfer = new(blob, A);
        transfer.Start(default);
        Assert.Equal<int>([0, 1, 2], Assert.IsType<MoreRequests>(transfer.AddHolder(B, 6 * Second)).ChunkIndices);
        Assert.Equal(B, transfer.Holder);
        // And when that one is silent, too, the first is asked again.
        Assert.Equal<int>([0, 1, 2], Assert.IsType<MoreRequests>(transfer.Expire(11 * Second)).ChunkIndices);
        Assert.Equal(A, transfer.Holder);
    }

    [Fact]
    public void AddHolder_MoreThanAreRemembered_TheOneAskedStays()
    {
        BlobTransfer transfer = new(BlobStore.IdOf(Sample(100)), Holder(0));
        transfer.Start(default);
        Enumerable.Range(1, 100).ToList().ForEach(i => transfer.AddHolder(Holder(i), default));
        Assert.Equal(Holder(0), transfer.Holder);
        Assert.IsType<MoreRequests>(transfer.Unavailable(Holder(0), default));
        Assert.Equal(Holder(94), transfer.Holder);
    }

    [Theory]
    [InlineData(null, A)]
    [InlineData(B, B)]
    public void Receive_Damaged_IsFetchedOnceMoreThenFails(string? other, string asked)
    {
        byte[] bytes = Sample(100);
        BlobId blob = BlobStore.IdOf(bytes);
        BlobTransfer transfer = new(blob, A);
        transfer.Start(default);
        if (other is not null)
        {
            transfer.AddHolder(other, default);
        }

        BlobChunk damaged = Damaged(Chunk(bytes, blob, 0), new Random(1));
        Assert.Equal<int>([0], Assert.IsType<MoreRequests>(transfer.Receive(damaged, A, default)).ChunkIndices);
        Assert.Equal(asked, transfer.Holder);
        TransferFailed failed = Assert.IsType<TransferFailed>(transfer.Receive(damaged, asked, default));
        Assert.Contains("arrived twice", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_DamagedOnce_CompletesWithTheBytes()
    {
        byte[] bytes = Sample(100);
        BlobId blob = BlobStore.IdOf(bytes);
        BlobTransfer transfer = new(blob, A);
        transfer.Start(default);
        transfer.Receive(Damaged(Chunk(bytes, blob, 0), new Random(1)), A, default);
        Assert.IsType<TransferCompleted>(transfer.Receive(Chunk(bytes, blob, 0), A, default));
    }

    [Theory]
    [InlineData(0, 99, "has 99 bytes, expected 100")]
    [InlineData(0, 101, "has 101 bytes, expected 100")]
    [InlineData(1, 100, "which has 1 chunks")]
    [InlineData(-1, 100, "which has 1 chunks")]
    public void Receive_WrongLengthOrIndex_FailsWithReason(int chunkIndex, int chunkBytes, string reason)
    {
        BlobId blob = BlobStore.IdOf(Sample(100));
        BlobTransfer transfer = new(blob, A);
        transfer.Start(default);
        TransferFailed failed = Assert.IsType<TransferFailed>(transfer.Receive(new BlobChunk(blob, chunkIndex, new byte[chunkBytes]), A, default));
        Assert.Contains(reason, failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_ChunkOfAnotherBlob_ChangesNothing()
    {
        byte[] bytes = Sample(100);
        BlobTransfer transfer = new(BlobStore.IdOf(bytes), A);
        transfer.Start(default);
        byte[] other = Sample(7);
        Assert.Empty(Assert.IsType<MoreRequests>(transfer.Receive(Chunk(other, BlobStore.IdOf(other), 0), A, default)).ChunkIndices);
        Assert.IsType<TransferCompleted>(transfer.Receive(Chunk(bytes, BlobStore.IdOf(bytes), 0), A, default));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(BlobChunks.MaximumBlobBytes + 1)]
    [InlineData(int.MaxValue)]
    public void Start_ImpossibleLength_FailsWithReason(int lengthBytes)
    {
        BlobTransfer transfer = new(BlobStore.IdOf([]) with { LengthBytes = lengthBytes }, A);
        Assert.Contains($"0 to {BlobChunks.MaximumBlobBytes} are accepted", Assert.IsType<TransferFailed>(transfer.Start(default)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    public void Start_NoDigest_FailsWithReason(string? digest) =>
        Assert.IsType<TransferFailed>(new BlobTransfer(new BlobId(digest!, 1), A).Start(default));

    [Fact]
    public void Expire_OnlyOverdueChunks_AreAskedForAgainOnce()
    {
        byte[] bytes = Sample(40 * BlobChunks.ChunkBytes);
        BlobId blob = BlobStore.IdOf(bytes);
        BlobTransfer transfer = new(blob, A);
        Assert.Equal(Enumerable.Range(0, 32), Assert.IsType<MoreRequests>(transfer.Start(default)).ChunkIndices);
        Assert.Equal(32, Assert.Single(Assert.IsType<MoreRequests>(transfer.Receive(Chunk(bytes, blob, 31), A, 3 * Second)).ChunkIndices));

        Assert.Empty(Assert.IsType<MoreRequests>(transfer.Expire(4 * Second)).ChunkIndices);
        Assert.Equal(Enumerable.Range(0, 31), Assert.IsType<MoreRequests>(transfer.Expire(5 * Second)).ChunkIndices);
        Assert.Equal(32, Assert.Single(Assert.IsType<MoreRequests>(transfer.Expire(8 * Second)).ChunkIndices));
    }

    [Fact]
    public void Expire_NothingForTooLong_GivesUp()
    {
        BlobTransfer transfer = new(BlobStore.IdOf(Sample(100)), A);
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

    private static string Holder(int number) => $"holder {number}";

    private static BlobChunk Damaged(BlobChunk chunk, Random random)
    {
        byte[] bytes = chunk.Bytes.ToArray();
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return chunk with { Bytes = bytes };
    }

    private static BlobChunk Chunk(byte[] bytes, BlobId blob, int index) =>
        new(blob, index, bytes.AsMemory(BlobChunks.OffsetOf(index), BlobChunks.LengthOf(blob, index)));
}
