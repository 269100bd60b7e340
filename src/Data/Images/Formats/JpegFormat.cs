using System.Buffers.Binary;

namespace MetaMap.Data.Images.Formats;

/// <summary>JPEG (ISO/IEC 10918-1): segments that begin with a marker, FF and a byte.</summary>
internal sealed class JpegFormat : StbFormat
{
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte ExifSegment = 0xE1;

    private static ReadOnlySpan<byte> Start => [0xFF, StartOfImage, 0xFF];

    private static ReadOnlySpan<byte> Exif => "Exif\0\0"u8;

    /// <inheritdoc />
    public override void Check(ReadOnlySpan<byte> file)
    {
        while (TryNext(ref file, out byte marker, out _))
        {
            if (marker == EndOfImage)
            {
                return;
            }
        }

        throw CutOff("the end of its image");
    }

    /// <inheritdoc />
    protected override bool Begins(ReadOnlySpan<byte> file) => file.StartsWith(Start);

    /// <inheritdoc />
    protected override Orientation OrientationIn(ReadOnlySpan<byte> head)
    {
        while (TryNext(ref head, out byte marker, out ReadOnlySpan<byte> content) && marker is not (StartOfScan or EndOfImage))
        {
            if (marker == ExifSegment && content.StartsWith(Exif))
            {
                return Orientation.OfExif(content[Exif.Length..]);
            }
        }

        return Orientation.Upright;
    }

    /// <summary>Goes to the next marker, past compressed pixels, in which FF is followed by 0 or by a restart marker (D0 to D7), and takes its segment.</summary>
    /// <returns>False when the file ends before the end of the segment.</returns>
    private static bool TryNext(ref ReadOnlySpan<byte> file, out byte marker, out ReadOnlySpan<byte> content)
    {
        marker = 0;
        content = default;
        while (file.IndexOf((byte)0xFF) is >= 0 and int at && at + 1 < file.Length)
        {
            marker = file[at + 1];
            file = file[(marker == 0xFF ? at + 1 : at + 2)..];
            if (marker is 0 or 1 or 0xFF or (>= 0xD0 and <= StartOfImage))
            {
                continue;
            }

            if (marker == EndOfImage)
            {
                return true;
            }

            int length = file.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(file);
            if (length < 2 || length > file.Length)
            {
                return false;
            }

            content = file[2..length];
            file = file[length..];
            return true;
        }

        return false;
    }
}
