using System.Buffers.Binary;

namespace MetaMap.Data.Images;

/// <summary>
/// Tells whether an image file is complete. The decoder makes up the rest of a JPEG that is cut off, and reserves as much
/// memory as a damaged PNG claims for its chunks.
/// </summary>
internal static class ImageStructure
{
    private const int ChunkOverheadBytes = 12;

    private static ReadOnlySpan<byte> StartOfJpeg => [0xFF, 0xD8];

    private static ReadOnlySpan<byte> EndOfJpeg => [0xFF, 0xD9];

    private static ReadOnlySpan<byte> StartOfPng => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>True when nothing is missing at the end, or when it is neither a PNG nor a JPEG.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> file) =>
        file.StartsWith(StartOfJpeg) ? file.LastIndexOf(EndOfJpeg) >= 0
        : !file.StartsWith(StartOfPng) || HasAllChunks(file[StartOfPng.Length..]);

    /// <summary>Follows the chunks (length, type, content, checksum) to the one named IEND.</summary>
    private static bool HasAllChunks(ReadOnlySpan<byte> chunks)
    {
        while (chunks.Length >= ChunkOverheadBytes)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(chunks);
            if (length > chunks.Length - ChunkOverheadBytes)
            {
                return false;
            }

            if (chunks.Slice(4, 4).SequenceEqual("IEND"u8))
            {
                return true;
            }

            chunks = chunks[(ChunkOverheadBytes + (int)length)..];
        }

        return false;
    }
}
