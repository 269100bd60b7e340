using System.Buffers.Binary;

namespace MetaMap.Learning.Native;

/// <summary>A 64-bit little-endian shared library of Linux (System V ABI, ELF-64 object file format).</summary>
internal static class ElfFile
{
    private const int HeaderBytes = 64;

    /// <summary>False when the file ends before the segments that its header names: the loader, which maps them, ends the process then. True for a file of another kind.</summary>
    public static bool IsWhole(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !header.StartsWith("\u007fELF\u0002\u0001"u8))
        {
            return true;
        }

        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        int entryBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[54..]);
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        byte[] segments = new byte[entryBytes * entries];
        file.Position = (long)Math.Min(table, (ulong)file.Length);
        return file.ReadAtLeast(segments, segments.Length, throwOnEndOfStream: false) == segments.Length
            && segments.Chunk(Math.Max(entryBytes, 1)).All(segment => segment.Length < 40 || EndOf(segment) <= (ulong)file.Length);
    }

    private static ulong EndOf(ReadOnlySpan<byte> segment) =>
        BinaryPrimitives.ReadUInt64LittleEndian(segment[8..]) + BinaryPrimitives.ReadUInt64LittleEndian(segment[32..]);
}
