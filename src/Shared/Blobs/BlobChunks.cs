using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Blobs;

/// <summary>The constants and the arithmetic of the chunk protocol, the same on both sides.</summary>
internal static class BlobChunks
{
    /// <summary>Size of every chunk but the last. Far below Akka.Remote's frame limit of 128,000 bytes; larger ones are slower.</summary>
    public const int ChunkBytes = 64 * 1024;

    /// <summary>Number of chunks that a fetcher requests ahead of what has arrived.</summary>
    public const int InFlight = 32;

    /// <summary>Length of the longest buffer that is ever fetched: 1 GiB.</summary>
    public const int MaximumBlobBytes = 1 << 30;

    /// <summary>Number of chunks of a blob.</summary>
    public static int CountOf(BlobId blob) => (int)(((long)blob.LengthBytes + ChunkBytes - 1) / ChunkBytes);

    /// <summary>First byte of a chunk.</summary>
    public static int OffsetOf(int chunkIndex) => checked(chunkIndex * ChunkBytes);

    /// <summary>Length of one chunk.</summary>
    public static int LengthOf(BlobId blob, int chunkIndex) => Math.Min(ChunkBytes, blob.LengthBytes - OffsetOf(chunkIndex));

    /// <summary>Whether a text is a SHA-256 as <see cref="BlobId"/> writes it: 64 hex digits in lower case.</summary>
    public static bool IsDigest(string? text) =>
        text is { Length: 64 } && text.All(character => char.IsAsciiHexDigitLower(character));
}
