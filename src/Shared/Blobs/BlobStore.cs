using System.Security.Cryptography;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>
/// The immutable buffers of one node, by content. Each <see cref="Put"/> pins its buffer once, each <see cref="Release"/>
/// removes one pin, and a buffer without pins is dropped. Readers on the same node share the buffer without a
/// copy. Safe for concurrent use.
/// </summary>
public sealed class BlobStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BlobId, (ReadOnlyMemory<byte> Bytes, int Pins)> _blobs = [];

    /// <summary>Where transfers to this node wait for their turn.</summary>
    public TransferGate Gate { get; } = new();

    /// <summary>Number of different buffers.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _blobs.Count;
            }
        }
    }

    /// <summary>The content address of a buffer.</summary>
    public static BlobId IdOf(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length);

    /// <summary>Adds a buffer, or one more pin to an equal one.</summary>
    /// <param name="bytes">The buffer; the caller never writes to it again.</param>
    public BlobId Put(ReadOnlyMemory<byte> bytes)
    {
        BlobId blob = IdOf(bytes.Span);
        lock (_gate)
        {
            _blobs[blob] = _blobs.TryGetValue(blob, out (ReadOnlyMemory<byte> Bytes, int Pins) held) ? (held.Bytes, held.Pins + 1) : (bytes, 1);
        }

        return blob;
    }

    /// <summary>Finds a buffer.</summary>
    /// <param name="blob">Which.</param>
    /// <param name="bytes">The buffer itself, not a copy.</param>
    public bool TryGet(BlobId blob, out ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            bool found = _blobs.TryGetValue(blob, out (ReadOnlyMemory<byte> Bytes, int Pins) held);
            bytes = held.Bytes;
            return found;
        }
    }

    /// <summary>Removes one pin; unknown blobs change nothing. Buffers already handed out stay valid.</summary>
    public void Release(BlobId blob)
    {
        lock (_gate)
        {
            if (!_blobs.TryGetValue(blob, out (ReadOnlyMemory<byte> Bytes, int Pins) held))
            {
                return;
            }

            if (held.Pins > 1)
            {
                _blobs[blob] = (held.Bytes, held.Pins - 1);
            }
            else
            {
                _blobs.Remove(blob);
            }
        }
    }
}
