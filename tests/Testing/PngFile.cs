using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace MetaMap.Testing;

/// <summary>Makes PNG files, whole or in parts with their checksums.</summary>
internal static class PngFile
{
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>A PNG of some components per pixel: 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha.</summary>
    public static byte[] Of(int height, int width, int components, Func<int, int, int, int> value, int bits = 8, params byte[][] moreChunks)
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int row = 0; row < height; row++)
            {
                zlib.WriteByte(0);
                for (int i = 0; i < width * components; i++)
                {
                    int item = value(row, i / components, i % components);
                    zlib.Write(bits == 16 ? [(byte)(item >> 8), (byte)item] : [(byte)item]);
                }
            }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = ((byte)bits, (byte)(components switch { 1 => 0, 2 => 4, 3 => 2, _ => 6 }));
        return
        [
            .. Signature, .. Chunk("IHDR"u8, header), .. moreChunks.SelectMany(chunk => chunk),
            .. Chunk("IDAT"u8, packed.ToArray()), .. Chunk("IEND"u8, []),
        ];
    }

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
