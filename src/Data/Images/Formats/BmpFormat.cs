using System.Buffers.Binary;

namespace MetaMap.Data.Images.Formats;

/// <summary>BMP: two headers, perhaps a palette, then rows of four-byte units. The length that the file claims is often wrong, so it is computed.</summary>
internal sealed class BmpFormat : StbFormat
{
    private const int FileHeaderBytes = 14;
    private const int OldHeaderBytes = 12;
    private const int Masks = 3;

    /// <inheritdoc />
    public override void Check(ReadOnlySpan<byte> file)
    {
        bool isOld = BinaryPrimitives.ReadInt32LittleEndian(file[FileHeaderBytes..]) == OldHeaderBytes;
        if (file.Length < FileHeaderBytes + (isOld ? OldHeaderBytes : 40))
        {
            throw CutOff("the end of its header");
        }

        (long width, long height, long bits) = isOld
            ? (BinaryPrimitives.ReadUInt16LittleEndian(file[18..]), BinaryPrimitives.ReadUInt16LittleEndian(file[20..]), BinaryPrimitives.ReadUInt16LittleEndian(file[24..]))
            : (BinaryPrimitives.ReadInt32LittleEndian(file[18..]), (long)BinaryPrimitives.ReadInt32LittleEndian(file[22..]), BinaryPrimitives.ReadUInt16LittleEndian(file[28..]));
        long start = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        bool isPacked = !isOld && BinaryPrimitives.ReadInt32LittleEndian(file[30..]) is not (0 or Masks); // The decoder refuses it.
        if (!isPacked && start + (width * bits + 31) / 32 * 4 * Math.Abs(height) > file.Length)
        {
            throw CutOff("its last row");
        }
    }

    /// <inheritdoc />
    protected override bool Begins(ReadOnlySpan<byte> file) => file.Length >= FileHeaderBytes + 4 && file.StartsWith("BM"u8);
}
