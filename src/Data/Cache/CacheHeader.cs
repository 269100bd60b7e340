using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MetaMap.Data.Cache;

/// <summary>
/// The first bytes of a cache file: 8 for the format, 8 for the payload's length, 32 each for key, payload digest and
/// description (UTF-8, padded with zeros), and 16 for a checksum over those.
/// </summary>
/// <param name="Key">SHA-256 of what the payload was decoded from.</param>
/// <param name="PayloadBytes">Length of the payload.</param>
/// <param name="PayloadDigest">Digest of the payload.</param>
/// <param name="Description">What the reader must know about the payload, at most 32 bytes.</param>
internal sealed record CacheHeader(byte[] Key, long PayloadBytes, byte[] PayloadDigest, string Description)
{
    /// <summary>Length of a header; the payload begins here.</summary>
    public const int Bytes = 128;

    private const int Checked = 112;

    private static ReadOnlySpan<byte> Format => "MMCACHE1"u8;

    /// <summary>Encodes the header.</summary>
    public byte[] Write()
    {
        byte[] bytes = new byte[Bytes];
        Format.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), PayloadBytes);
        Key.CopyTo(bytes, 16);
        PayloadDigest.CopyTo(bytes, 48);
        Encoding.UTF8.GetBytes(Description, bytes.AsSpan(80, 32));
        SHA256.HashData(bytes.AsSpan(0, Checked)).AsSpan(0, Bytes - Checked).CopyTo(bytes.AsSpan(Checked));
        return bytes;
    }

    /// <summary>Decodes a header; null when the bytes are not a header or are damaged.</summary>
    public static CacheHeader? Read(ReadOnlySpan<byte> bytes)
    {
        bool isWhole = bytes.Length == Bytes && bytes.StartsWith(Format)
            && SHA256.HashData(bytes[..Checked]).AsSpan(0, Bytes - Checked).SequenceEqual(bytes[Checked..]);
        return !isWhole ? null : new CacheHeader(
            bytes[16..48].ToArray(),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            bytes[48..80].ToArray(),
            Encoding.UTF8.GetString(bytes[80..Checked]).TrimEnd('\0'));
    }
}
