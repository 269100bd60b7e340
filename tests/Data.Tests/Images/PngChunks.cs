using System.Buffers.Binary;
using System.IO.Hashing;

namespace MetaMap.Data.Tests.Images;

/// <summary>Parts of PNG files with their checksums.</summary>
internal static class PngChunks
{
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        byte[] chunk = [0, 0, 0, 0, .. type, .. content, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        return Summed(chunk);
    }

    /// <summary>Writes the checksum that a part should have.</summary>
    public static byte[] Summed(byte[] chunk)
    {
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32.HashToUInt32(chunk.AsSpan(4..^4)));
        return chunk;
    }
}
