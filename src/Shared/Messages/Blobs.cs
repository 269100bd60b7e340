namespace MetaMap.Shared.Messages;

/// <summary>Marks messages that travel by the raw tensor serializer (no reflection, little-endian).</summary>
public interface ITensorMessage;

/// <summary>Fetcher to holder: send one chunk.</summary>
/// <param name="Blob">Which buffer.</param>
/// <param name="ChunkIndex">From 0.</param>
internal sealed record GetBlobChunk(BlobId Blob, int ChunkIndex) : ITensorMessage;

/// <summary>Holder to fetcher: one chunk. All chunks but the last have the protocol's chunk size.</summary>
/// <param name="Blob">Which buffer.</param>
/// <param name="ChunkIndex">From 0.</param>
/// <param name="Bytes">The bytes; never written to after creation.</param>
internal sealed record BlobChunk(BlobId Blob, int ChunkIndex, ReadOnlyMemory<byte> Bytes) : ITensorMessage
{
    /// <summary>Equal when blob, index and all bytes are equal.</summary>
    public bool Equals(BlobChunk? other) =>
        other is not null && Blob == other.Blob && ChunkIndex == other.ChunkIndex && Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Blob, ChunkIndex, Bytes.Length);
}

/// <summary>Holder to fetcher: that buffer is not (or no longer) here.</summary>
/// <param name="Blob">Which buffer.</param>
internal sealed record BlobUnavailable(BlobId Blob) : ITensorMessage;
