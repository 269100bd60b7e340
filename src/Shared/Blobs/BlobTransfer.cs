using System.Collections;
using System.Collections.Immutable;
using System.Security.Cryptography;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>
/// The fetching side of one transfer as a state machine with one owner and no clock of its own: which chunks have been
/// requested, which have arrived, what to do next. Chunks may arrive late, twice, in any order or never. The blob is the same
/// at every holder, so when a holder is silent or no longer has it, the transfer keeps its chunks and goes on with the next.
/// </summary>
/// <param name="blob">What to fetch.</param>
/// <param name="holder">Path of the first known holder.</param>
internal sealed class BlobTransfer(BlobId blob, string holder)
{
    /// <summary>Most holders that are remembered; the one that has waited longest makes room for a new one.</summary>
    public const int MaximumHolders = 8;

    /// <summary>
    /// A chunk that has not arrived by then is requested again, from another holder when no chunk has arrived: a full window takes
    /// 0.2 s at 100 Mb/s.
    /// </summary>
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>The transfer fails when no chunk has arrived for this long.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    private readonly int _chunkCount = BlobChunks.CountOf(blob);
    private readonly Dictionary<int, TimeSpan> _askedAt = [];
    private readonly List<string> _holders = [holder];
    private BitArray _received = new(0);
    private byte[] _bytes = [];
    private int _receivedCount;
    private int _nextChunk;
    private TimeSpan _progressAt;
    private TimeSpan _heardAt;
    private bool _isOpen;
    private bool _isSecondTry;

    /// <summary>The holder to ask, or the one that was asked last.</summary>
    public string Holder { get; private set; } = holder;

    private string Name => blob.Sha256 is { Length: > 12 } digest ? digest[..12] : blob.Sha256 ?? "(none)";

    /// <summary>Checks the descriptor and asks for the first chunks.</summary>
    /// <param name="now">Time since any fixed origin; the same origin in every call.</param>
    public TransferStep Start(TimeSpan now)
    {
        if (blob.LengthBytes < 0 || blob.LengthBytes > BlobChunks.MaximumBlobBytes)
        {
            return new TransferFailed($"blob {Name} claims {blob.LengthBytes} bytes; 0 to {BlobChunks.MaximumBlobBytes} are accepted");
        }

        if (!BlobChunks.IsDigest(blob.Sha256))
        {
            return new TransferFailed($"'{Name}' is not a SHA-256 in lower-case hex");
        }

        _bytes = GC.AllocateUninitializedArray<byte>(blob.LengthBytes);
        return Begin(now);
    }

    /// <summary>Another node has the blob, too. It is asked at once when the current holder is silent.</summary>
    public TransferStep AddHolder(string another, TimeSpan now)
    {
        if (_holders.Contains(another))
        {
            return MoreRequests.None;
        }

        if (_holders.Count == MaximumHolders)
        {
            _holders.RemoveAt(1);
        }

        _holders.Add(another);
        // The new holder gets its full time to answer, however long the others have been silent.
        _progressAt = now;
        return _isOpen && now - _heardAt >= AskAgainAfter ? AskNext(now) : MoreRequests.None;
    }

    /// <summary>A holder no longer has the blob.</summary>
    /// <param name="from">The holder; if it is not one any more, nothing changes.</param>
    /// <param name="now">The time.</param>
    public TransferStep Unavailable(string from, TimeSpan now) => Drop(from, "the holder no longer has it", now);

    /// <summary>Accepts one chunk. Repeated chunks and chunks of other blobs change nothing; the sender of an impossible one is dropped.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="from">Who sent it.</param>
    /// <param name="now">The time.</param>
    public TransferStep Receive(BlobChunk chunk, string from, TimeSpan now)
    {
        if (chunk.Blob != blob || !_isOpen || _receivedCount == _chunkCount)
        {
            return MoreRequests.None;
        }

        if (chunk.ChunkIndex < 0 || chunk.ChunkIndex >= _chunkCount)
        {
            return Drop(from, $"chunk {chunk.ChunkIndex} of blob {Name} arrived, which has {_chunkCount} chunks", now);
        }

        int expectedBytes = BlobChunks.LengthOf(blob, chunk.ChunkIndex);
        if (chunk.Bytes.Length != expectedBytes)
        {
            return Drop(from, $"chunk {chunk.ChunkIndex} of blob {Name} has {chunk.Bytes.Length} bytes, expected {expectedBytes}", now);
        }

        _askedAt.Remove(chunk.ChunkIndex);
        if (!_received[chunk.ChunkIndex])
        {
            chunk.Bytes.Span.CopyTo(_bytes.AsSpan(BlobChunks.OffsetOf(chunk.ChunkIndex)));
            _received[chunk.ChunkIndex] = true;
            _receivedCount++;
            (_progressAt, _heardAt) = (now, now);
        }

        return _receivedCount == _chunkCount ? Finish(now) : AskForMore(now);
    }

    /// <summary>Asks again for overdue chunks, from another holder when this one is silent; gives up when nothing has arrived for too long.</summary>
    public TransferStep Expire(TimeSpan now)
    {
        if (now - _progressAt >= GiveUpAfter)
        {
            return new TransferFailed(
                $"no chunk of blob {Name} has arrived for {GiveUpAfter.TotalSeconds:0.#} s ({_receivedCount} of {_chunkCount} are here)");
        }

        return _holders.Count > 1 && now - _heardAt >= AskAgainAfter
            ? AskNext(now)
            : Ask(_askedAt.Where(asked => now - asked.Value >= AskAgainAfter).Select(asked => asked.Key), now);
    }

    private TransferStep Begin(TimeSpan now)
    {
        (_received, _receivedCount, _nextChunk) = (new BitArray(_chunkCount), 0, 0);
        (_progressAt, _heardAt, _isOpen) = (now, now, true);
        _askedAt.Clear();
        return _chunkCount == 0 ? Finish(now) : AskForMore(now);
    }

    /// <summary>Moves the current holder to the end of the queue and asks the next for all outstanding chunks.</summary>
    private MoreRequests AskNext(TimeSpan now)
    {
        Turn();
        _heardAt = now;
        return Ask(_askedAt.Keys, now);
    }

    private void Turn()
    {
        _holders.Add(_holders[0]);
        _holders.RemoveAt(0);
        Holder = _holders[0];
    }

    private TransferStep Drop(string from, string reason, TimeSpan now)
    {
        int place = _holders.IndexOf(from);
        if (place < 0)
        {
            return MoreRequests.None;
        }

        _holders.RemoveAt(place);
        if (_holders.Count == 0)
        {
            return new TransferFailed(reason);
        }

        if (place > 0)
        {
            return MoreRequests.None;
        }

        (Holder, _progressAt, _heardAt) = (_holders[0], now, now);
        return Ask(_askedAt.Keys, now);
    }

    private MoreRequests Ask(IEnumerable<int> chunks, TimeSpan now)
    {
        ImmutableArray<int> asked = [.. chunks.Order()];
        foreach (int index in asked)
        {
            _askedAt[index] = now;
        }

        return new MoreRequests(asked);
    }

    private MoreRequests AskForMore(TimeSpan now)
    {
        ImmutableArray<int>.Builder asked = ImmutableArray.CreateBuilder<int>();
        for (; _askedAt.Count < BlobChunks.InFlight && _nextChunk < _chunkCount; _nextChunk++)
        {
            // A late answer to the first try may have arrived before the second has asked.
            if (!_received[_nextChunk])
            {
                _askedAt[_nextChunk] = now;
                asked.Add(_nextChunk);
            }
        }

        return new MoreRequests(asked.DrainToImmutable());
    }

    private TransferStep Finish(TimeSpan now)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(_bytes));
        if (digest == blob.Sha256)
        {
            return new TransferCompleted(_bytes);
        }

        if (_isSecondTry || _chunkCount == 0)
        {
            return new TransferFailed($"blob {Name} arrived {(_isSecondTry ? "twice, at last " : "")}with SHA-256 {digest[..12]}: it was damaged on the way or at its holder");
        }

        _isSecondTry = true;
        Turn();
        return Begin(now);
    }
}
