using System.Collections;
using System.Collections.Immutable;
using System.Security.Cryptography;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>
/// The fetching side of one transfer as a state machine with one owner and no clock of its own: which chunks are asked
/// for, which are here, what to do next. Chunks may arrive late, twice, in any order or never.
/// </summary>
/// <param name="blob">What to fetch.</param>
/// <param name="options">Limits and waiting times.</param>
public sealed class BlobTransfer(BlobId blob, BlobTransferOptions options)
{
    private readonly int _chunkCount = BlobChunks.CountOf(blob);
    private readonly Dictionary<int, TimeSpan> _askedAt = [];
    private BitArray _received = new(0);
    private byte[] _bytes = [];
    private int _receivedCount;
    private int _nextChunk;
    private TimeSpan _progressAt;

    /// <summary>Share of the chunks that have arrived, 0 to 1.</summary>
    public double ReceivedFraction => _chunkCount == 0 ? 1 : (double)_receivedCount / _chunkCount;

    /// <summary>Checks the descriptor and asks for the first chunks.</summary>
    /// <param name="now">Time since any fixed origin; the same origin in every call.</param>
    public TransferStep Start(TimeSpan now)
    {
        if (blob.LengthBytes < 0 || blob.LengthBytes > options.MaximumBytes)
        {
            return new TransferFailed($"blob {Name} claims {blob.LengthBytes} bytes; 0 to {options.MaximumBytes} are accepted");
        }

        if (!BlobChunks.IsDigest(blob.Sha256))
        {
            return new TransferFailed($"'{Name}' is not a SHA-256 in lower-case hex");
        }

        _bytes = GC.AllocateUninitializedArray<byte>(blob.LengthBytes);
        _received = new BitArray(_chunkCount);
        _progressAt = now;
        return _chunkCount == 0 ? Finish() : AskForMore(now);
    }

    /// <summary>Takes one chunk. Repeated chunks and chunks of other blobs change nothing.</summary>
    public TransferStep Receive(BlobChunk chunk, TimeSpan now)
    {
        if (chunk.Blob != blob || _receivedCount == _chunkCount)
        {
            return new MoreRequests([]);
        }

        if (chunk.ChunkIndex < 0 || chunk.ChunkIndex >= _chunkCount)
        {
            return new TransferFailed($"chunk {chunk.ChunkIndex} of blob {Name} arrived, which has {_chunkCount} chunks");
        }

        int expectedBytes = BlobChunks.LengthOf(blob, chunk.ChunkIndex);
        if (chunk.Bytes.Length != expectedBytes)
        {
            return new TransferFailed($"chunk {chunk.ChunkIndex} of blob {Name} has {chunk.Bytes.Length} bytes, expected {expectedBytes}");
        }

        _askedAt.Remove(chunk.ChunkIndex);
        if (!_received[chunk.ChunkIndex])
        {
            chunk.Bytes.Span.CopyTo(_bytes.AsSpan(BlobChunks.OffsetOf(chunk.ChunkIndex)));
            _received[chunk.ChunkIndex] = true;
            _receivedCount++;
            _progressAt = now;
        }

        return _receivedCount == _chunkCount ? Finish() : AskForMore(now);
    }

    /// <summary>Asks again for chunks that are overdue; gives up when nothing has arrived for too long.</summary>
    public TransferStep Expire(TimeSpan now)
    {
        if (now - _progressAt >= options.GiveUpAfter)
        {
            return new TransferFailed(
                $"no chunk of blob {Name} has arrived for {options.GiveUpAfter.TotalSeconds:0.#} s ({_receivedCount} of {_chunkCount} are here)");
        }

        ImmutableArray<int> overdue = [.. _askedAt.Where(asked => now - asked.Value >= options.AskAgainAfter).Select(asked => asked.Key).Order()];
        foreach (int index in overdue)
        {
            _askedAt[index] = now;
        }

        return new MoreRequests(overdue);
    }

    /// <summary>Another holder takes over: what was asked of the one before is asked again, what is here stays.</summary>
    public MoreRequests Resume(TimeSpan now)
    {
        ImmutableArray<int> open = [.. _askedAt.Keys.Order()];
        foreach (int index in open)
        {
            _askedAt[index] = now;
        }

        _progressAt = now;
        return new MoreRequests(open);
    }

    private string Name => blob.Sha256 is { Length: > 12 } digest ? digest[..12] : blob.Sha256 ?? "(none)";

    private MoreRequests AskForMore(TimeSpan now)
    {
        ImmutableArray<int>.Builder asked = ImmutableArray.CreateBuilder<int>();
        while (_askedAt.Count < BlobChunks.InFlight && _nextChunk < _chunkCount)
        {
            _askedAt[_nextChunk] = now;
            asked.Add(_nextChunk++);
        }

        return new MoreRequests(asked.DrainToImmutable());
    }

    private TransferStep Finish()
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(_bytes));
        return digest == blob.Sha256
            ? new TransferCompleted(_bytes)
            : new TransferDamaged($"blob {Name} arrived with SHA-256 {digest[..12]}: it was damaged on the way or at its holder");
    }
}
