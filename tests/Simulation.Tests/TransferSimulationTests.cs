using CsCheck;
using MetaMap.Core;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Testing;

namespace MetaMap.Simulation.Tests;

/// <summary>The chunk protocol over a bad network: transfers of several chunks.</summary>
public sealed class TransferSimulationTests
{
    private static readonly Gen<(long Seed, int Bytes, double Drop, double Duplicate)> _transfers = Gen.Select(
        Gen.Long, Gen.Int[0, 80 * BlobChunks.ChunkBytes], Gen.Double[0, 0.6], Gen.Double[0, 0.5]);

    [Fact]
    public void Receive_LostDoubledAndReorderedChunks_CompletesWithTheBytesUnlessAllIsSilent() => _transfers.Repeatable().Sample(
        drawn =>
        {
            (byte[] bytes, BlobId blob) = Content(drawn.Seed, drawn.Bytes);
            (TransferStep end, int most, TimeSpan silence) = Run(blob, bytes, drawn.Seed, drawn.Drop, drawn.Duplicate, damaged: -1);
            Assert.True(end is TransferCompleted done ? done.Bytes.Span.SequenceEqual(bytes) : silence >= BlobTransfer.GiveUpAfter, end.ToString());
            Assert.InRange(most, 0, BlobChunks.InFlight);
        },
        iter: 150);

    [Fact]
    public void Receive_OneDamagedByte_FailsAndNeverCompletes() => _transfers.Where(drawn => drawn.Bytes > 0).Repeatable().Sample(
        drawn =>
        {
            (byte[] bytes, BlobId blob) = Content(drawn.Seed, drawn.Bytes);
            int damaged = (int)((ulong)drawn.Seed % (ulong)bytes.Length);
            (TransferStep end, _, TimeSpan silence) = Run(blob, bytes, drawn.Seed, drawn.Drop, drawn.Duplicate, damaged);
            Assert.True(end is TransferFailed failed && (failed.Reason.Contains("arrived twice", StringComparison.Ordinal) || silence >= BlobTransfer.GiveUpAfter), end.ToString());
        },
        iter: 50);

    [Fact]
    public void Expire_HolderThatIsGone_FailsInTime()
    {
        (byte[] bytes, BlobId blob) = Content(3, 5 * BlobChunks.ChunkBytes);
        (TransferStep end, _, _) = Run(blob, bytes, seed: 3, drop: 1, duplicate: 0, damaged: -1);
        Assert.IsType<TransferFailed>(end);
    }

    /// <summary>Plays one transfer out.</summary>
    /// <returns>Its end, the most chunks that were asked for and not here, and how long nothing new had come at the end.</returns>
    private static (TransferStep End, int MostOpen, TimeSpan Silence) Run(BlobId blob, byte[] bytes, long seed, double drop, double duplicate, int damaged)
    {
        Simulator simulator = new(seed);
        BlobTransfer transfer = new(blob, "holder");
        TransferStep? end = null;
        HashSet<int> open = [];
        HashSet<int> here = [];
        int mostOpen = 0;
        TimeSpan newest = TimeSpan.Zero;
        Carry(transfer.Start(TimeSpan.Zero));
        Tick();
        while (end is null && simulator.Step())
        {
            Assert.True(simulator.Now < TimeSpan.FromHours(1), "the transfer never ends");
        }

        return (end!, mostOpen, simulator.Now - newest);

        void Tick() => simulator.After(BlobTransfer.AskAgainAfter / 4, () =>
        {
            Carry(transfer.Expire(simulator.Now));
            Tick();
        });

        void Carry(TransferStep step)
        {
            if (step is not MoreRequests more)
            {
                end ??= step;
                return;
            }

            foreach (int chunk in more.ChunkIndices)
            {
                if (damaged >= 0 && here.Contains(chunk))
                {
                    // The digest was wrong: everything is fetched a second time.
                    here.Clear();
                    open.Clear();
                }

                Assert.DoesNotContain(chunk, here);
                open.Add(chunk);
                mostOpen = Math.Max(mostOpen, open.Count);
                for (int copy = simulator.Chance(duplicate) ? 0 : 1; copy < 2; copy++)
                {
                    if (!simulator.Chance(drop))
                    {
                        simulator.After(simulator.Between(0.001, simulator.Chance(0.1) ? 12 : 0.2), () => Arrive(chunk));
                    }
                }
            }
        }

        void Arrive(int chunk)
        {
            if (end is not null)
            {
                return;
            }

            open.Remove(chunk);
            newest = here.Add(chunk) ? simulator.Now : newest;
            byte[] content = bytes.AsSpan(BlobChunks.OffsetOf(chunk), BlobChunks.LengthOf(blob, chunk)).ToArray();
            if (damaged >= 0 && damaged / BlobChunks.ChunkBytes == chunk)
            {
                content[damaged % BlobChunks.ChunkBytes] ^= 1;
            }

            Carry(transfer.Receive(new BlobChunk(blob, chunk, content), "holder", simulator.Now));
        }
    }

    private static (byte[] Bytes, BlobId Blob) Content(long seed, int length)
    {
        DeterministicRandom random = DeterministicRandom.For("content", seed);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i += 997)
        {
            bytes[i] = (byte)random.NextInt(256);
        }

        return (bytes, BlobStore.IdOf(bytes));
    }
}
