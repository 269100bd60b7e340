using System.Buffers.Binary;

namespace MetaMap.Data.Files;

/// <summary>What a gzip file ends with (RFC 1952). .NET unpacks a file that is cut off or changed without an error, so it must be compared.</summary>
/// <param name="Crc32">Checksum of the content.</param>
/// <param name="Length">Length of the content in bytes, modulo 2^32.</param>
internal readonly record struct GzipTrailer(uint Crc32, uint Length)
{
    private const int LengthBytes = 8;

    /// <summary>Reads it from the end of a file; zeros stand for what a shorter file lacks.</summary>
    public static GzipTrailer Read(Stream file)
    {
        byte[] trailer = new byte[LengthBytes];
        file.Seek(-Math.Min(LengthBytes, file.Length), SeekOrigin.End);
        file.ReadAtLeast(trailer, LengthBytes, throwOnEndOfStream: false);
        return new GzipTrailer(BinaryPrimitives.ReadUInt32LittleEndian(trailer), BinaryPrimitives.ReadUInt32LittleEndian(trailer.AsSpan(4)));
    }
}
